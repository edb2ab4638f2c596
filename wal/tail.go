package wal

import "github.com/hustings/hustings/vfs"

// judgeTail decides what to make of the last segment from the first offset at which there is no batch. The log goes
// on writing only after the batch before is durable, so a batch that a crash tore is the last one, and some of its
// sectors are missing: zero, or zero from some byte to their end. It was never acknowledged and may be cut.
//
// It returns where the remains of a torn batch end, or the offset itself if nothing follows. A sector of another
// batch, a batch without missing sectors, and anything else that a tear does not leave, is damage.
func judgeTail(file vfs.File, path string, h segmentHeader, offset int64, damage *CorruptionError) (int64, error) {
	t, size := tail{segment: h.number, offset: offset, end: offset}, h.size
	buffer := make([]byte, min(readAhead, size-offset))
	for at := offset; at < size; at += int64(len(buffer)) {
		buffer = buffer[:min(int64(len(buffer)), size-at)]
		if err := readFull(file, path, buffer, at); err != nil {
			return 0, err
		}
		if isZero(buffer) {
			t.zeros(at, len(buffer))
			continue
		}
		for i := 0; i < len(buffer); i += sectorSize {
			if s := buffer[i : i+sectorSize]; !t.add(at+int64(i), s) {
				if s[sectorSize-1] == markByte {
					return 0, orDamage(damage, path, offset, "a batch is missing here, but there are others behind")
				}
				return 0, orDamage(damage, path, at+int64(i), "there is data after the end of the log")
			}
		}
	}
	if t.end > offset && !t.missing {
		return 0, orDamage(damage, path, offset, "a batch is damaged")
	}
	return t.end, nil
}

// orDamage prefers the damage already found, which comes first in the file.
func orDamage(found *CorruptionError, path string, offset int64, reason string) error {
	if found != nil {
		return found
	}
	return &CorruptionError{File: path, Offset: offset, Reason: reason}
}

// tail is what is known of a batch that is torn or damaged.
type tail struct {
	segment uint32
	offset  int64 // where it begins
	length  int64 // in bytes, 0 while unknown
	end     int64 // behind its last sector that is not zero
	missing bool  // whether one of its sectors is
}

func (t *tail) zeros(at int64, size int) {
	if t.length == 0 || at < t.offset+t.length {
		t.missing = true
	}
}

// add takes note of a sector, and reports false if a torn batch cannot have left it.
func (t *tail) add(at int64, sector []byte) bool {
	if isZero(sector) {
		t.zeros(at, sectorSize)
		return true
	}
	t.end = at + sectorSize
	switch {
	case t.length > 0 && at >= t.offset+t.length:
		return false
	case sector[sectorSize-1] == 0:
		t.missing = true // cut off within the sector
		return true
	case mark(sector) != markOf(t.offset):
		return false
	case at == t.offset:
		h, reason := decodeBatchHeader(sector, t.segment, at)
		t.length = int64(h.sectors()) * sectorSize
		return reason == ""
	}
	return true
}
