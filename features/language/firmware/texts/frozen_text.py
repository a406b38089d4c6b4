value = 6 * 7
