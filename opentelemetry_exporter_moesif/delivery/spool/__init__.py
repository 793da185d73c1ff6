"""What waits as files, which survive a crash and are shared by the processes of a machine."""
