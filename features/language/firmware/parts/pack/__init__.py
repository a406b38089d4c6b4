origin = "from pack"
