metadata(version="1.2.3")
module("versioned.py")
