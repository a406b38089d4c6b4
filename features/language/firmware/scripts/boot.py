print("frozen boot")
