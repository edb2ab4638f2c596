//go:build !linux

package cluster

import "syscall"

// attributes give a child a group of its own, so that Ctrl-C in a terminal reaches its parent alone.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
