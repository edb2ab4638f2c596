package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange/shard"
)

// The parts of a snapshot file, as docs/formats/snapshot.md has them.
const (
	snapshotHead = 60
	partHead     = 16
	partSum      = 4

	partChunk      = 1
	partEnd        = 2
	partStatistics = 3
)

// forge changes the data of a snapshot's parts and mends every checksum.
func forge(content []byte, change func(kind byte, section shard.Section, from uint32, data []byte)) []byte {
	b, le, castagnoli := bytes.Clone(content), binary.LittleEndian, crc32.MakeTable(crc32.Castagnoli)
	state := sha256.New()
	for at := snapshotHead; ; {
		if b[at] == partEnd {
			copy(b[at+8:], state.Sum(nil))
			le.PutUint32(b[at+40:], crc32.Checksum(b[at:at+40], castagnoli))
			return b
		}
		end := at + partHead + int(le.Uint32(b[at+12:]))
		change(b[at], shard.Section(b[at+1]), le.Uint32(b[at+4:]), b[at+partHead:end])
		if b[at] == partChunk {
			state.Write(b[at+1 : end])
		}
		le.PutUint32(b[end:], crc32.Checksum(b[at:end], castagnoli))
		at = end + partSum
	}
}

// forgeFirst forges the older snapshot of the fixture and returns what is found, which must be of that file.
func forgeFirst(t *testing.T, change func(kind byte, section shard.Section, from uint32, data []byte)) Finding {
	t.Helper()
	fsys := fixture(t)
	name := files(t, fsys, "snapshots", ".snapshot")[0]
	put(t, fsys, name, forge(get(t, fsys, name), change))
	r := verify(t, fsys)
	if r.result(CheckSnapshots) != Sound {
		t.Errorf("the file by itself is %s", r.result(CheckSnapshots))
	}
	f := r.one(t, CheckFold)
	if f.File != name || f.Seq == 0 {
		t.Errorf("found %v", f.String())
	}
	return f
}

func TestForgedBalanceInASnapshotIsNamed(t *testing.T) {
	const account, accountSize = 2, 4*8 + 7*4 + 2
	f := forgeFirst(t, func(kind byte, section shard.Section, from uint32, data []byte) {
		if kind == partChunk && section == shard.SectionAccounts {
			cash := data[(account-from)*accountSize:]
			binary.LittleEndian.PutUint64(cash, binary.LittleEndian.Uint64(cash)+770_000)
		}
	})
	if !strings.Contains(f.What, "account 2: cash ") {
		t.Errorf("found %v", f.String())
	}
}

// What no read model knows, such as idempotency keys, is compared with what the log gives.
func TestForgedKeysInASnapshotAreNamed(t *testing.T) {
	f := forgeFirst(t, func(kind byte, section shard.Section, from uint32, data []byte) {
		if kind == partChunk && section == shard.SectionKeys {
			data[len(data)/2] ^= 1
		}
	})
	if !strings.Contains(f.What, "idempotency keys") {
		t.Errorf("found %v", f.String())
	}
}

func TestForgedStatisticsInASnapshotAreNamed(t *testing.T) {
	const headSize, realisedSize = 1 + 8 + 4, 8 // statistics begin with version, Seq and the count of accounts
	f := forgeFirst(t, func(kind byte, _ shard.Section, _ uint32, data []byte) {
		if kind == partStatistics {
			data[headSize+2*realisedSize] ^= 1 // of account 3
		}
	})
	if !strings.Contains(f.What, "account 3: realised") {
		t.Errorf("found %v", f.String())
	}
}
