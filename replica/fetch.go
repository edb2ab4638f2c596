package replica

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"sync"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// fetcher gets a snapshot from the leader when this replica lacks entries that the leader has let go of. First come the
// events that the journal here lacks, then the file, which is checked and read; only then does the consensus hear of it.
// Whatever was copied before an interruption is not copied again.
type fetcher struct {
	r    *Replica
	wake chan struct{}

	mu     sync.Mutex
	wanted *raftpb.Message
	whole  map[uint64]*fetched // by index: for the consensus to take
}

// fetched is a snapshot that is here as a whole.
type fetched struct {
	snapshot
	view *projection.View
	file string
}

// offer takes the leader's word that there is a snapshot.
func (f *fetcher) offer(m *raftpb.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wanted = m
	wake(f.wake)
}

func (f *fetcher) run() {
	defer f.r.fetching.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-f.r.stop:
		case <-f.r.failed:
		case <-ctx.Done():
		}
		cancel()
	}()
	for {
		select {
		case <-f.wake:
			f.next(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// next fetches what was offered last, and tells the consensus, or the leader that it did not work.
func (f *fetcher) next(ctx context.Context) {
	f.mu.Lock()
	m := f.wanted
	f.wanted = nil
	f.mu.Unlock()
	if m == nil {
		return
	}
	index := m.GetSnapshot().GetMetadata().GetIndex()
	err := f.fetch(ctx, ID(m.GetFrom()), index, m.GetSnapshot().GetData())
	if err == nil {
		f.r.inbox.put(m)
		return
	}
	if ctx.Err() != nil {
		return
	}
	if errors.Is(err, ErrStrayed) {
		f.r.fail(err)
		return
	}
	f.r.config.Log.Warn("a snapshot could not be fetched; the leader will offer one again", "index", index, "error", err)
	f.r.inbox.put(&raftpb.Message{Type: raftpb.MsgSnapStatus.Enum(), To: proto.Uint64(m.GetFrom()), From: proto.Uint64(m.GetTo()),
		Term: proto.Uint64(m.GetTerm()), Reject: proto.Bool(true)})
}

func (f *fetcher) fetch(ctx context.Context, from ID, index uint64, data []byte) error {
	if len(data) != 8 {
		return errors.New("the offer of a snapshot is malformed")
	}
	seq := le.Uint64(data)
	unproven, err := f.lastUnproven(index, seq)
	if err != nil {
		return err
	}
	f.mu.Lock()
	_, whole := f.whole[index]
	f.mu.Unlock()
	if applied, _ := f.r.progress.get(); whole || index <= applied {
		return nil // the consensus knows what to do with it
	}
	f.r.config.Log.Info("fetching a snapshot", "index", index, "from", from.String())
	if err := f.journal(ctx, from, unproven, seq); err != nil {
		return err
	}
	name := filepath.Join(f.r.config.Dir, "snapshots", fmt.Sprintf("%020d.incoming", index))
	if err := f.copy(ctx, from, index, name); err != nil {
		return err
	}
	return f.read(name, index)
}

// journal copies the events that the journal here lacks, and compares the one before them if that is not known to be the same.
func (f *fetcher) journal(ctx context.Context, from ID, unproven *journal.Record, last uint64) (err error) {
	first := f.r.journal.Last().Seq + 1
	if unproven != nil {
		first = unproven.FirstSeq
	}
	if first > last {
		return nil
	}
	in, err := f.r.config.Group.Transport.Journal(ctx, from, first, last)
	if err != nil {
		return fmt.Errorf("copying events %d to %d from replica %v: %w", first, last, from, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	buffered := bufio.NewReaderSize(in, 1<<20)
	for {
		rec, err := readCopied(buffered)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("copying events %d to %d from replica %v: %w", first, last, from, err)
		}
		if unproven != nil {
			if err := sameEvent(unproven, rec); err != nil {
				return err
			}
			f.r.unproven.journal.Store(false)
			unproven = nil
			continue
		}
		f.r.publisher.copied(rec)
	}
	f.r.publisher.flush()
	if end := f.r.journal.Last().Seq; end < last {
		return fmt.Errorf("replica %v gave events up to %d of %d", from, end, last)
	}
	return nil
}

// copy copies the file, or what is missing of it.
func (f *fetcher) copy(ctx context.Context, from ID, index uint64, name string) (err error) {
	fsys := f.r.config.FS
	if err := f.forget(name); err != nil {
		return err
	}
	file, err := fsys.OpenReadWrite(name)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = fsys.Create(name)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	have, err := file.Size()
	if err != nil {
		return err
	}
	in, err := f.r.config.Group.Transport.Snapshot(ctx, from, index, have)
	if err != nil {
		return fmt.Errorf("copying snapshot %d from replica %v: %w", index, from, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if _, err := io.Copy(file, in); err != nil {
		return fmt.Errorf("copying snapshot %d from replica %v: %w", index, from, err)
	}
	return file.Sync()
}

// forget removes what was copied of other snapshots, but for those that the consensus may still take.
func (f *fetcher) forget(but string) error {
	kept := map[string]bool{but: true}
	applied, _ := f.r.progress.get()
	f.mu.Lock()
	maps.DeleteFunc(f.whole, func(index uint64, _ *fetched) bool { return index <= applied })
	for _, w := range f.whole {
		kept[w.file] = true
	}
	f.mu.Unlock()
	dir := filepath.Join(f.r.config.Dir, "snapshots")
	entries, err := f.r.config.FS.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := filepath.Join(dir, e.Name()); strings.HasSuffix(name, ".incoming") && !kept[name] {
			if err := f.r.config.FS.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// read checks the file and reads the state in it.
func (f *fetcher) read(name string, index uint64) error {
	s, err := examineSnapshot(f.r.config.FS, name, f.r.config.Rules)
	if err == nil && (s.Index != index || s.read.shard != f.r.config.Shard) {
		err = &CorruptSnapshot{File: name, Reason: fmt.Sprintf("it is of entry %d of shard %d instead of %d of shard %d",
			s.Index, s.read.shard, index, f.r.config.Shard)}
	}
	if err == nil && len(s.read.members) == 0 {
		err = &CorruptSnapshot{File: name, Reason: "it does not say who the members are"}
	}
	var corrupt *CorruptSnapshot
	if errors.As(err, &corrupt) {
		return errors.Join(err, f.r.config.FS.Remove(name))
	}
	if err != nil {
		return err
	}
	view, err := s.View()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole == nil {
		f.whole = map[uint64]*fetched{}
	}
	f.whole[index] = &fetched{snapshot: s.read, view: view, file: name}
	return nil
}

// adopt makes a fetched snapshot the newest one of this replica, from which a start begins, and its state the one here.
// The log here is needed from a position on.
func (f *fetcher) adopt(index uint64, position wal.Position) error {
	f.mu.Lock()
	whole := f.whole[index]
	delete(f.whole, index)
	f.mu.Unlock()
	if whole == nil {
		return fmt.Errorf("the consensus takes snapshot %d, which is not here", index)
	}
	if err := f.r.journal.Sync(); err != nil {
		return err
	}
	whole.position = position
	if err := rename(f.r.config.FS, whole); err != nil {
		return fmt.Errorf("adopting snapshot %d: %w", index, err)
	}
	if err := f.r.applier.take(&installation{whole, make(chan struct{})}); err != nil {
		return err
	}
	f.r.storage.newest.Store(whole.info())
	f.r.config.Log.Info("goes on from another replica's snapshot", "index", index, "seq", whole.seq)
	return nil
}

// rename writes where the log is needed from into the head of a fetched file, and gives it its lasting name.
func rename(fsys vfs.FS, s *fetched) (err error) {
	file, err := fsys.OpenReadWrite(s.file)
	if err != nil {
		return err
	}
	if _, err = file.WriteAt(s.snapshotHead.append(nil), 0); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	dir := filepath.Dir(s.file)
	if err := fsys.Rename(s.file, filepath.Join(dir, snapshotName(s.index))); err != nil {
		return err
	}
	return fsys.SyncDir(dir)
}
