//go:build !linux

package replica

// adviseHugePages does nothing here: the system decides.
func adviseHugePages(int) {}
