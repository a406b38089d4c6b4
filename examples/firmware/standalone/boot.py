print("station starts")
