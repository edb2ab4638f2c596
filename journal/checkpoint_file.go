package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// checkpointTail is how much of the file is read to find the latest checkpoint.
const checkpointTail = 64 << 10

// loadCheckpoints finds the latest checkpoint and cuts what a crash left of one behind it.
func (o *opening) loadCheckpoints() error {
	j := o.Journal
	path := j.path(checkpointsName)
	file, err := j.fs.OpenReadWrite(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return err
	}
	from := max(0, size-checkpointTail)
	content := make([]byte, size-from)
	if n, err := file.ReadAt(content, from); n < len(content) {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if from > 0 {
		skip := nextCheckpoint(content)
		from, content = from+int64(skip), content[skip:]
	}
	latest, end, err := latestCheckpoint(content)
	if err != nil {
		return &Corruption{File: path, Byte: from, What: err.Error()}
	}
	if end < len(content) {
		o.report.CutCheckpoint = &Corruption{File: path, Byte: from + int64(end), What: "a checkpoint was not written whole"}
	}
	j.checkpoints.size, j.checkpoints.latest = from+int64(end), latest
	return cutFile(file, path, from+int64(end), size)
}

// latestCheckpoint finds the last checkpoint that is whole, and where it ends. One behind it may be torn, no more.
func latestCheckpoint(content []byte) (*Checkpoint, int, error) {
	all, end := splitCheckpoints(content)
	if len(all) == 0 {
		return nil, 0, nil
	}
	last := all[len(all)-1]
	c, err := merkle.ParseCheckpoint(bytes.Clone(last.text))
	if err == nil {
		return &c, end, nil
	}
	if len(all) == 1 {
		return nil, int(last.at), nil
	}
	c, err = merkle.ParseCheckpoint(bytes.Clone(all[len(all)-2].text))
	return &c, int(last.at), err
}

func cutFile(file vfs.File, path string, size, had int64) error {
	if size == had {
		return nil
	}
	if err := file.Truncate(size); err != nil {
		return fmt.Errorf("cut %s: %w", path, err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}

var blankLine = []byte("\n\n")

// nextCheckpoint returns where the first checkpoint begins in a part of the file, its length if none does.
func nextCheckpoint(part []byte) int {
	for at := 0; ; {
		n := bytes.Index(part[at:], blankLine)
		if n < 0 {
			return len(part)
		}
		at += n + len(blankLine)
		if !bytes.HasPrefix(part[at:], []byte("— ")) {
			return at
		}
	}
}

// checkpointText is a part of the checkpoint file.
type checkpointText struct {
	at   int64
	text []byte
}

// splitCheckpoints cuts content behind each empty line that follows signatures, and says where the last cut is.
func splitCheckpoints(content []byte) (all []checkpointText, end int) {
	for {
		head := bytes.Index(content[end:], blankLine)
		if head < 0 {
			return all, end
		}
		signatures := end + head + len(blankLine)
		n := bytes.Index(content[signatures:], blankLine)
		if n < 0 {
			return all, end
		}
		next := signatures + n + len(blankLine)
		all = append(all, checkpointText{int64(end), content[end : next-1]})
		end = next
	}
}
