"""(being written)"""


def run_demo(console, folder=None):
    return 1
