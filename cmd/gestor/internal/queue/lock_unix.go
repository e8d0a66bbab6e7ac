//go:build linux || darwin || freebsd || netbsd || openbsd

package queue

import (
	"os"
	"syscall"
)

// exclusive takes the file for this process until it is closed, also by a kill.
func exclusive(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
