package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/manipulation"
	"github.com/hustings/hustings/watch"
)

// enough is the least precision and recall.
const enough = 0.9

// mostWatched is how many shards the markets of a series can be on.
const mostWatched = 24

// watchReport is the JSON of bench watch.
type watchReport struct {
	Shards     int                  `json:"shards"`
	Seeds      int                  `json:"seeds"`
	Events     int                  `json:"events"`
	Planted    int                  `json:"planted"`
	Findings   int                  `json:"findings"`
	Precision  float64              `json:"precision"`
	Recall     float64              `json:"recall"`
	NsPerEvent float64              `json:"ns_per_event"`
	Kinds      map[string]watchKind `json:"kinds"`
}

type watchKind struct {
	Planted   int     `json:"planted"`
	Findings  int     `json:"findings"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

func newBenchWatchCommand() *cobra.Command {
	var asJSON bool
	seed, seeds, shards := uint64(100), 5, 1
	c := &cobra.Command{
		Use:   "watch",
		Short: "Measure how well and how fast manipulation is found",
		Long: `Make hours of trading with market makers, traders and planted manipulations of every kind, and show their events to the
manipulation watch. Recall is the share of what was planted that is found; precision is the share of findings that are about
something planted. Every other manipulation is spread over three markets. On several shards the markets take turns, and what
is found must be the same. The time is the median of the seeds, for reading and folding an event of the journal.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if seeds < 1 {
				return flagError("seeds", number(seeds), errAtLeastOne)
			}
			if shards < 1 || shards > mostWatched {
				return flagError("shards", number(shards), fmt.Errorf("must be 1 to %d", mostWatched))
			}
			return benchWatch(c, seed, seeds, shards, asJSON)
		},
	}
	f := c.Flags()
	f.Uint64Var(&seed, "seed", seed, "the first seed")
	f.IntVar(&seeds, "seeds", seeds, "how many series, each with a seed of its own")
	f.IntVar(&shards, "shards", shards, "over how many shards the markets are spread")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func benchWatch(c *cobra.Command, seed uint64, seeds, shards int, asJSON bool) error {
	var all manipulation.Judgement
	var times []float64
	j := watchReport{Shards: shards, Seeds: seeds, Kinds: map[string]watchKind{}}
	progress := newProgress(c, "series", int64(seeds))
	for i := range seeds {
		config := manipulation.Default(seed + uint64(i))
		config.Shards = shards
		s := manipulation.Generate(config)
		begun := time.Now()
		found, err := manipulation.Watch(s, watch.DefaultRoom())
		if err != nil {
			return err
		}
		times = append(times, float64(time.Since(begun).Nanoseconds())/float64(s.Events))
		all.Add(manipulation.Judge(s, found))
		j.Events += s.Events
		progress.set(int64(i + 1))
	}
	progress.finish()
	slices.Sort(times)
	return printWatch(c, j, &all, times[len(times)/2], asJSON)
}

func printWatch(c *cobra.Command, j watchReport, all *manipulation.Judgement, ns float64, asJSON bool) error {
	j.Planted, j.Findings = all.All.Planted, all.All.Findings
	j.Precision, j.Recall, j.NsPerEvent = round(all.All.Precision(), 3), round(all.All.Recall(), 3), round(ns, 1)
	r := report{title: "Manipulation watch"}
	r.add("shards", j.Shards, "")
	r.add("events", j.Events, "")
	r.add("planted", j.Planted, "")
	r.add("findings", j.Findings, "")
	for k, s := range all.Kinds {
		name := watch.Kind(k).String()
		j.Kinds[name] = watchKind{s.Planted, s.Findings, round(s.Precision(), 3), round(s.Recall(), 3)}
		r.add(name, fmt.Sprintf("%.2f / %.2f", s.Precision(), s.Recall()), fmt.Sprintf("precision / recall, %d planted", s.Planted))
	}
	r.add("precision", j.Precision, "")
	r.add("recall", j.Recall, "")
	r.add("time", j.NsPerEvent, "ns an event")
	if err := printReport(c, &r, j, asJSON); err != nil {
		return err
	}
	if min(j.Precision, j.Recall) < enough {
		return fmt.Errorf("precision and recall are %v and %v: both must be at least %v", j.Precision, j.Recall, enough)
	}
	return nil
}
