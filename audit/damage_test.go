package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

func flip(t testing.TB, fsys vfs.FS, name string, at int) {
	t.Helper()
	content := bytes.Clone(get(t, fsys, name))
	content[at] ^= 0x10
	put(t, fsys, name, content)
}

func TestAFlippedBitIsFoundInEveryKindOfFile(t *testing.T) {
	fsys := fixture(t)
	for _, kind := range []struct{ sub, suffix, check string }{
		{"wal", ".wal", CheckLog},
		{"archive", ".wal", CheckLog},
		{"journal", ".journal", CheckJournal},
		{"journal", ".index", CheckIndexes},
		{"journal", "checkpoints", CheckCheckpoints},
		{"snapshots", ".snapshot", CheckSnapshots},
	} {
		name := files(t, fsys, kind.sub, kind.suffix)[0]
		at := 700
		if kind.suffix == "checkpoints" {
			at = 30
		}
		damaged := fixture(t)
		flip(t, damaged, name, at)
		r := verify(t, damaged)
		f := r.one(t, kind.check)
		if f.File != name || f.Byte > int64(at) || f.Byte < int64(at-600) {
			t.Errorf("%s at byte %d: found %v", name, at, f.String())
		}
		if r.result(kind.check) != Damaged {
			t.Errorf("%s: %+v", name, r.Checks)
		}
	}
}

// Any bit of a journal, an index or a snapshot, and any of the log that is in use.
func TestNoFlippedBitIsOverlooked(t *testing.T) {
	clean := fixture(t)
	var names []string
	for name := range fixtureFiles {
		if !strings.HasSuffix(name, ".tmp") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		name := names[random.IntN(len(names))]
		content := get(t, clean, name)
		at := random.IntN(len(content))
		if strings.HasSuffix(name, ".wal") { // what follows the last records, seal and zeros, keeps nothing
			const sector = 512
			at = random.IntN(len(bytes.TrimRight(content, "\x00")) - sector)
		}
		damaged := fixture(t)
		flip(t, damaged, name, at)
		r := verify(t, damaged)
		notes := strings.Join(r.Notes, "\n")
		if r.Clean() && !strings.Contains(notes, name) && !strings.Contains(notes, "crash") {
			t.Errorf("byte %d of %s was flipped and nobody noticed", at, name)
		}
	}
}

// rewrite replaces the journal by one whose records were changed, with checksums, chain and indexes as they should be.
func rewrite(t testing.TB, fsys vfs.FS, change func(r *journal.Record)) {
	t.Helper()
	var records []journal.Record
	_, err := journal.Verify(fsys, replica.JournalDir(dir), journal.VerifyOptions{Each: func(r journal.Record) error {
		r.Events = bytes.Clone(r.Events)
		records = append(records, r)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, fsys, "journal", "") {
		if filepath.Base(name) != checkpointsName {
			if err := fsys.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := replica.JournalOptions()
	o.SegmentBytes = 1 << 14
	const elsewhere = "/rewritten"
	j, _, err := journal.Open(fsys, elsewhere, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		change(&records[i])
		if err := j.Append(records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := fsys.ReadDir(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		put(t, fsys, filepath.Join(replica.JournalDir(dir), e.Name()), get(t, fsys, filepath.Join(elsewhere, e.Name())))
	}
}

// deposit returns a change of what the journal says of an account's deposit.
func deposit(account exchange.AccountID, by exchange.Money) func(*journal.Record) {
	return func(r *journal.Record) {
		var d wire.Decoder
		var events []byte
		for _, frame := range r.All() {
			event, err := d.Event(frame)
			if e, ok := event.(*exchange.FundsDeposited); ok && err == nil && e.Account == account {
				e.Amount += by
				e.Cash += by
				frame = wire.AppendEvent(nil, e)
			}
			events = append(events, frame...)
		}
		r.Events = events
	}
}

func TestRewrittenJournalIsFoundByCheckpointLogAndFold(t *testing.T) {
	fsys := fixture(t)
	rewrite(t, fsys, deposit(3, 1_000_000))
	r := verify(t, fsys)
	if r.result(CheckJournal) != Sound {
		t.Errorf("the journal by itself is %s: its chain should hold", r.result(CheckJournal))
	}
	if f := r.one(t, CheckCheckpoints); !strings.Contains(f.What, "not those that were signed") {
		t.Errorf("checkpoint: %v", f.String())
	}
	f := r.one(t, CheckReplay)
	if f.Seq != 8 || f.Account != 3 || !strings.Contains(f.What, "amount is 1000100.0000, and by the log 1000000.0000") {
		t.Errorf("log: %v", f.String())
	}
	if f := r.one(t, CheckFold); f.Account != 3 || f.Seq <= 8 || !strings.Contains(f.What, "cash") {
		t.Errorf("fold: %v", f.String())
	}
}

// An event that contradicts no other.
func TestInventedEventsAreFoundByTheLog(t *testing.T) {
	fsys := fixture(t)
	last := verify(t, fsys).LastSeq
	rewrite(t, fsys, func(r *journal.Record) {
		if r.LastSeq() == last {
			r.Events = append(r.Events, wire.AppendEvent(nil, &exchange.PasswordSet{Account: 2, PasswordHash: "mine"})...)
			r.Count++
		}
	})
	r := verify(t, fsys)
	f := r.one(t, CheckReplay)
	if f.Seq != last+1 || f.Account != 2 || !strings.Contains(f.What, "the log does not give it: PasswordSet") {
		t.Errorf("found %v", f.String())
	}
	if strings.Contains(f.What, "mine") {
		t.Error("a password hash is printed")
	}
}

// Whoever cuts the journal back loses against the checkpoint; whoever removes that as well, against nobody: the log
// gives the events again.
func TestJournalThatWasCutBack(t *testing.T) {
	fsys := fixture(t)
	names := files(t, fsys, "journal", ".journal")
	for _, name := range names[len(names)-2:] {
		if err := fsys.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	r := verify(t, fsys)
	if f := r.one(t, CheckCheckpoints); !strings.Contains(f.What, "were signed and the journal ends with") {
		t.Errorf("found %v", f.String())
	}
}

// The parts of a snapshot file, as docs/formats/snapshot.md has them.
const (
	snapshotHead = 68
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
