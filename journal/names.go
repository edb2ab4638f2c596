package journal

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	segmentSuffix   = ".journal"
	indexSuffix     = ".index"
	temporarySuffix = ".tmp"
	checkpointsName = "checkpoints"
)

func activeName(first uint64) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }
func sealedName(first, last uint64) string {
	return fmt.Sprintf("%020d-%020d%s", first, last, segmentSuffix)
}
func indexName(first, last uint64) string {
	return fmt.Sprintf("%020d-%020d%s", first, last, indexSuffix)
}

// span of Seqs that a file name tells; last is 0 in the name of a segment that is not sealed.
type named struct{ first, last uint64 }

// parseName reads the name of a segment or index without its suffix.
func parseName(name, suffix string) (named, bool) {
	stem, found := strings.CutSuffix(name, suffix)
	if !found {
		return named{}, false
	}
	first, last, sealed := strings.Cut(stem, "-")
	var n named
	var ok bool
	if n.first, ok = parseSeq(first); !ok {
		return named{}, false
	}
	if sealed {
		if n.last, ok = parseSeq(last); !ok || n.last < n.first {
			return named{}, false
		}
	}
	return n, true
}

func parseSeq(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && n > 0 && fmt.Sprintf("%020d", n) == s
}
