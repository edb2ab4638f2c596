package gateway

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// query reads the parameters of a request. The first thing that is wrong with them stays in problem.
type query struct {
	values  url.Values
	problem *api.Problem
}

// query returns the parameters. They were checked to be known and to be there once.
func (c *call) query() *query {
	if c.r.URL.RawQuery == "" {
		return &query{}
	}
	values, _ := url.ParseQuery(c.r.URL.RawQuery)
	return &query{values: values}
}

// checkQuery refuses parameters that the route does not have or that are there twice, and returns the seq that a
// read names.
func (c *call) checkQuery() (exchange.Seq, *api.Problem) {
	var seq string
	if c.r.URL.RawQuery != "" {
		values, err := url.ParseQuery(c.r.URL.RawQuery)
		if err != nil {
			return 0, api.CodeInvalidQuery.Problem("", "The query cannot be read.")
		}
		for name, given := range values {
			known := slices.ContainsFunc(c.endpoint.Query, func(p api.Param) bool { return p.Name == name })
			if name == api.ParamSeq && !c.endpoint.Mutation() {
				known, seq = true, given[0]
			}
			if name == api.ParamFresh && !c.endpoint.Mutation() {
				if given[0] != "true" && given[0] != "false" {
					return 0, invalidQuery(name, "It is true or false.")
				}
				known, c.mustBeFresh = true, given[0] == "true"
			}
			switch {
			case !known:
				return 0, invalidQuery(name, "There is no such parameter here. Names are case-sensitive.")
			case len(given) > 1:
				return 0, invalidQuery(name, "It is there twice.")
			}
		}
	}
	if given := c.r.Header[api.HeaderMinSeq]; len(given) > 0 && !c.endpoint.Mutation() {
		seq = given[0]
	}
	if seq == "" {
		return 0, nil
	}
	id, err := api.ParseID(seq)
	if err != nil {
		return 0, invalidQuery(api.ParamSeq, err.Error())
	}
	return exchange.Seq(id), nil
}

func invalidQuery(name, detail string) *api.Problem {
	const longest = 64
	return api.CodeInvalidQuery.Problem(validUTF8(name, longest), detail)
}

func (q *query) fail(name, detail string) {
	if q.problem == nil {
		q.problem = invalidQuery(name, detail)
	}
}

// text returns a parameter; has is false when it is not there. Empty ones are refused.
func (q *query) text(name string) (s string, has bool) {
	given, has := q.values[name]
	if !has {
		return "", false
	}
	if given[0] == "" {
		q.fail(name, name+" is empty. Leave it out.")
	}
	return given[0], true
}

// id returns an identifier, or 0 when it is not there.
func (q *query) id(name string, greatest uint64) uint64 {
	s, has := q.text(name)
	if !has {
		return 0
	}
	id, err := api.ParseID(s)
	if err != nil || uint64(id) > greatest {
		q.fail(name, name+" "+api.ErrID.Error()+".")
	}
	return uint64(id)
}

// number returns a whole number from 1 to most, or other when it is not there.
func (q *query) number(name string, most, other int) int {
	s, has := q.text(name)
	if !has {
		return other
	}
	id, err := api.ParseID(s)
	if err != nil || id > api.ID(most) {
		q.fail(name, name+" must be a whole number from 1 to "+strconv.Itoa(most)+".")
		return other
	}
	return int(id)
}

// limit returns how many entries the page may have.
func (q *query) limit() int { return q.number("limit", api.MaxPage, api.PageSize) }

// time returns an instant, or 0 when it is not there.
func (q *query) time(name string) exchange.Time {
	s, has := q.text(name)
	if !has {
		return 0
	}
	t, err := api.ParseTime(s)
	if err != nil {
		q.fail(name, name+" "+err.Error()+".")
	}
	return exchange.Time(t)
}

// word returns the index of one of a few words, or other when it is not there.
func (q *query) word(name string, other int, words ...string) int {
	s, has := q.text(name)
	if !has {
		return other
	}
	i := slices.Index(words, s)
	if i < 0 {
		q.fail(name, name+" has another value than the documented ones.")
	}
	return i
}
