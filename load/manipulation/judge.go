package manipulation

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/watch"
)

// Score is how well one kind of manipulation is found.
type Score struct {
	Planted, Detected int // episodes; those with a finding of their kind
	Findings, True    int // those that are about something planted
}

// Precision is the share of findings that are about something planted; 1 if there are none.
func (s Score) Precision() float64 { return share(s.True, s.Findings) }

// Recall is the share of what was planted that was found; 1 if nothing was planted.
func (s Score) Recall() float64 { return share(s.Detected, s.Planted) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// Judgement is the score of each kind, and of all together.
type Judgement struct {
	Kinds [watch.Kinds]Score
	All   Score
}

// slack is how long after its end a manipulation may be found: the minute in which it ended has to end too.
const slack = 120 * second

// about reports whether a finding is about an episode, of whatever kind: orders that are layered are also many.
func about(f watch.Finding, e *Episode) bool {
	if !common(f.Markets, e.Markets) || f.To < e.From || f.To > e.To+slack {
		return false
	}
	return len(f.Accounts) == 0 || len(e.Accounts) == 0 || common(f.Accounts, e.Accounts)
}

func common[E comparable](a, b []E) bool {
	return slices.ContainsFunc(a, func(one E) bool { return slices.Contains(b, one) })
}

// Judge compares what was found with what was planted.
func Judge(s *Series, found []watch.Finding) (j Judgement) {
	for i := range s.Episodes {
		e := &s.Episodes[i]
		k := &j.Kinds[e.Kind]
		k.Planted++
		if slices.ContainsFunc(found, func(f watch.Finding) bool { return f.Kind == e.Kind && about(f, e) }) {
			k.Detected++
		}
	}
	for _, f := range found {
		k := &j.Kinds[f.Kind]
		k.Findings++
		if slices.ContainsFunc(s.Episodes, func(e Episode) bool { return about(f, &e) }) {
			k.True++
		}
	}
	for _, k := range j.Kinds {
		j.All.add(k)
	}
	return j
}

// Add takes in the judgement of another series.
func (j *Judgement) Add(other Judgement) {
	for k := range j.Kinds {
		j.Kinds[k].add(other.Kinds[k])
	}
	j.All.add(other.All)
}

func (s *Score) add(other Score) {
	s.Planted += other.Planted
	s.Detected += other.Detected
	s.Findings += other.Findings
	s.True += other.True
}

// Watch shows a series to a new Watch, from a journal of each shard, and returns what it finds.
func Watch(s *Series, room watch.Room) (found []watch.Finding, err error) {
	w := watch.New(room, func(f watch.Finding) { found = append(found, f) })
	var all watch.Merge
	for i, records := range s.Journals {
		all.Add(exchange.HomeShard+exchange.ShardID(i), func() (r watch.Record, there bool, err error) {
			if there = len(records) > 0; there {
				r, records = records[0], records[1:]
			}
			return r, there, nil
		})
	}
	for {
		r, there, err := all.Next()
		if !there || err != nil {
			return found, err
		}
		if err := w.Record(&r); err != nil {
			return nil, err
		}
	}
}
