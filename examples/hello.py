print('Hello from a script')
