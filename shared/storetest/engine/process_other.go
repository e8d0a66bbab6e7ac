//go:build !linux

package engine

import "syscall"

// dieWithParent has no equivalent here; such machines name an engine by GESTOR_DYNAMODB.
func dieWithParent() *syscall.SysProcAttr { return nil }
