"""Run Python with these arguments, and again whenever it ends: what a supervisor or a container's policy does."""

import subprocess
import sys
import time

while True:
    subprocess.run([sys.executable, *sys.argv[1:]], check=False)
    time.sleep(0.5)
