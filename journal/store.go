package journal

import "github.com/hustings/hustings/journal/merkle"

// store is where the hash tree finds its nodes and events: the journal itself.
type store struct{ journal *Journal }

func (j *Journal) store() merkle.Store { return store{j} }

func (s store) Node(number int64) (Hash, error) {
	j := s.journal
	segment, _ := j.segmentOf(uint64(merkle.LastLeaf(number)) + 1)
	if segment == nil {
		return Hash{}, &Corruption{File: j.dir, What: "a node of the hash tree is wanted that no segment completes"}
	}
	h, err := j.finder(segment).Node(number - segment.firstNode)
	if err != nil {
		return Hash{}, j.indexError(segment, err)
	}
	return h, nil
}

func (s store) Events(from, to int64, visit func(event []byte)) error {
	w := s.journal.walker()
	defer w.release()
	for next, last := uint64(from)+1, uint64(to); next <= last; {
		r, err := w.find(next)
		if err != nil {
			return err
		}
		r = r.from(next)
		for seq, event := range r.All() {
			if seq > last {
				return nil
			}
			visit(event)
		}
		next = r.LastSeq() + 1
	}
	return nil
}
