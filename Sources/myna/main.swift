print("myna")
