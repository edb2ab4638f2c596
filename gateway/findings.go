package gateway

import (
	"slices"

	"github.com/hustings/hustings/api"
)

// Findings is what the manipulation watch has found. It may be called concurrently.
type Findings interface {
	// Kinds are the names of all kinds of finding.
	Kinds() []string
	// Newest returns findings, newest first, each with its number, which are dense from 1: only those numbered below before (0: all),
	// of a kind ("": any), about a market (0: any), limit of them at most.
	Newest(before uint64, kind string, market api.ID, limit int) []NumberedFinding
}

// NumberedFinding is a finding in its place.
type NumberedFinding struct {
	Number uint64
	api.Finding
}

func (c *call) listFindings() *api.Problem {
	q := c.query()
	before := q.cursor(1)[0]
	limit := q.limit()
	market := api.ID(q.id("market", 1<<32-1))
	kind, filtered := q.text("kind")
	page := api.Findings{Findings: []api.Finding{}, Page: api.Page{Seq: api.ID(c.seq)}}
	f := c.s.findings
	if filtered && (f == nil || !slices.Contains(f.Kinds(), kind)) {
		q.fail("kind", "There is no such kind of finding. The documentation lists them.")
	}
	if q.problem != nil {
		return q.problem
	}
	if f == nil {
		return c.answer(page)
	}
	found := f.Newest(before, kind, market, limit+1)
	if len(found) > limit {
		found = found[:limit]
		page.NextCursor = writeCursor(found[limit-1].Number)
	}
	for _, one := range found {
		page.Findings = append(page.Findings, one.Finding)
	}
	return c.answer(page)
}
