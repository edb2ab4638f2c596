package replica

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// adviseHugePages asks the system to back the heap's next bytes with huge pages, by advice on memory that is then given
// back to the heap untouched. A state of hundreds of megabytes that is read at random spends half its time in address
// translation otherwise. It is advice: where the system does not take it, nothing changes. It takes a collection, unless bytes is 0.
func adviseHugePages(bytes int) {
	if bytes == 0 {
		return
	}
	b := make([]byte, bytes)
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE)
	runtime.KeepAlive(b)
	runtime.GC()
}
