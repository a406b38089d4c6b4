name = "versioned"
