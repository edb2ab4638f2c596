package journal

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

// TestChainIsCheckedBehindWholeChecksums forges a record with a right checksum, then also with its own chain hash.
func TestChainIsCheckedBehindWholeChecksums(t *testing.T) {
	records := newMaker(80).records(10)
	content := contents(t, written(t, records, Options{Shard: 3}))[activeName(1)]
	at := segmentHead
	for _, r := range records[:4] {
		at += r.size()
	}
	forged := content[at : at+records[4].size()]
	forged[recordHead+5] ^= 1
	resum(forged)
	checkForged(t, content, records[4].FirstSeq, "does not hash to its chain hash")
	chain := hashRecord(forged)
	copy(forged[len(forged)-recordTail:], chain[:])
	resum(forged)
	checkForged(t, content, records[5].FirstSeq, "does not hold the chain hash")
}

func checkForged(t *testing.T, content []byte, seq uint64, what string) {
	t.Helper()
	fs := restore(t, map[string][]byte{activeName(1): content})
	var damage *Corruption
	if _, err := Verify(fs, dir, VerifyOptions{}); !errors.As(err, &damage) || damage.Seq != seq || !strings.Contains(damage.What, what) {
		t.Errorf("verify: %v, want event %d", err, seq)
	}
	if _, recovery, err := openAndClose(fs, Options{Shard: 3}); err != nil || recovery.Cut == nil || recovery.Cut.Seq != seq {
		t.Errorf("open: %v, %v, want a cut at event %d", recovery.Cut, err, seq)
	}
}

// TestSegmentsBehindTheCutAreRemoved damages the first of several segments that are not sealed.
func TestSegmentsBehindTheCutAreRemoved(t *testing.T) {
	records := newMaker(81).records(120)
	files := contents(t, written(t, records, testOptions()))
	whole := maps.Clone(files)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return !strings.HasSuffix(n, segmentSuffix) })
	first := len(names) - 4
	for i, name := range names[first : len(names)-1] {
		n, _ := parseName(name, segmentSuffix)
		content := slices.Clone(files[name])
		if i == 1 {
			content = content[:len(content)-1]
		}
		delete(files, name)
		files[activeName(n.first)] = content
	}
	fs := restore(t, files)
	j, recovery, err := Open(fs, dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	// Gone are: two segments, and the indexes of the one that was cut and the one after it.
	if recovery.Cut == nil || recovery.CutBytes == 0 || len(recovery.Removed) != 4 {
		t.Errorf("recovery %+v", recovery)
	}
	for _, r := range records {
		if r.FirstSeq > j.Last().Seq {
			mustAppend(t, j, r)
		}
	}
	mustClose(t, j)
	for name, content := range contents(t, fs) {
		if string(content) != string(whole[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestUnfinishedFilesAreRemoved(t *testing.T) {
	fs := written(t, newMaker(82).records(100), testOptions())
	before := contents(t, fs)
	for _, name := range []string{indexName(1, 9999), indexName(7, 8) + temporarySuffix} {
		if err := vfs.WriteFile(fs, dir+"/"+name, []byte("left over")); err != nil {
			t.Fatal(err)
		}
	}
	if _, recovery, err := openAndClose(fs, testOptions()); err != nil || len(recovery.Removed) != 2 {
		t.Errorf("%+v, %v", recovery, err)
	}
	if after := contents(t, fs); len(after) != len(before) {
		t.Errorf("%d files, want %d", len(after), len(before))
	}
}

func TestSignedEventsThatAreMissingAreReported(t *testing.T) {
	files := signedJournal(t, newMaker(83).records(30))
	for name := range files {
		if n, ok := parseName(name, segmentSuffix); ok && n.last == 0 || ok && n.first > 1 {
			delete(files, name)
		}
	}
	var damage *Corruption
	report, err := Verify(restore(t, files), dir, verifyOptions())
	if !errors.As(err, &damage) || damage.Seq != report.Last.Seq+1 || !strings.HasSuffix(damage.File, checkpointsName) {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestFirstCheckpointTornToZerosIsCut(t *testing.T) {
	files := contents(t, written(t, newMaker(84).records(5), testOptions()))
	files[checkpointsName] = []byte("\x00\x00\x00\x00ple/shard/3\n12\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a b=\n\n")
	fs := restore(t, files)
	if _, recovery, err := openAndClose(fs, testOptions()); err != nil || recovery.CutCheckpoint == nil {
		t.Errorf("%+v, %v", recovery, err)
	}
	if left := contents(t, fs)[checkpointsName]; len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// TestOnlyTheEndOfManyCheckpointsIsRead has more checkpoints than are read at once.
func TestOnlyTheEndOfManyCheckpointsIsRead(t *testing.T) {
	signer, verifier := keys(t)
	o := testOptions()
	o.SegmentBytes = 1 << 20
	fs := vfs.NewMem()
	j := mustOpen(t, fs, o)
	var want Checkpoint
	for _, r := range newMaker(85).records(2 * checkpointTail / 200) {
		mustAppend(t, j, r)
		var err error
		if want, err = j.Checkpoint(signer); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, j)
	j = mustOpen(t, fs, o)
	if got, found := j.Latest(); !found || string(got.Note) != string(want.Note) {
		t.Errorf("latest %+v, want %+v", got, want)
	}
	mustClose(t, j)
	mustVerify(t, fs, VerifyOptions{Verifier: verifier})
}
