//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd

package queue

import "os"

// exclusive does nothing where the system has no advisory locks we use.
func exclusive(*os.File) error { return nil }
