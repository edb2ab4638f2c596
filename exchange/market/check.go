package market

import (
	"unicode/utf8"

	"github.com/hustings/hustings/exchange"
)

// Bounds of texts, in characters, and of all texts of a market together, in bytes, so that they fit in one event.
const (
	minQuestion = 10
	maxQuestion = 500
	maxRules    = 10_000
	maxOutcome  = 100
	maxSource   = 500
	maxEvidence = 2_000
	maxBytes    = 60_000
)

const maxDisputeWindow = exchange.Duration(90 * 24 * 3600e9)

// Check says what is wrong with a specification.
func Check(spec *exchange.MarketSpec, now exchange.Time) exchange.Reject {
	if !CheckQuestion(spec.Question) || !CheckRules(spec.Rules) {
		return exchange.RejectTextInvalid
	}
	if !checkOutcomes(spec.Outcomes) {
		return exchange.RejectOutcomesInvalid
	}
	bytes := len(spec.Question) + len(spec.Rules)
	for _, name := range spec.Outcomes {
		bytes += len(name)
	}
	if bytes > maxBytes {
		return exchange.RejectTextInvalid
	}
	if spec.CloseAt < 0 || spec.CloseAt != 0 && spec.CloseAt <= now ||
		spec.DisputeWindow < 0 || spec.DisputeWindow > maxDisputeWindow || !spec.Tick.Valid() ||
		spec.TakerFee > exchange.MaxFeeRate || spec.MakerShare > exchange.MaxFeeRate ||
		spec.PositionLimit < 1 || spec.PositionLimit > exchange.MaxPosition ||
		spec.Collar >= exchange.One || spec.Flags > exchange.KeepOrdersOnSuspend|exchange.SelfTradesAllowed {
		return exchange.RejectTermsInvalid
	}
	return exchange.Accepted
}

// CheckQuestion reports whether a question can be asked.
func CheckQuestion(s string) bool { return textBetween(s, minQuestion, maxQuestion) }

// CheckRules reports whether rules can be published.
func CheckRules(s string) bool { return textBetween(s, 0, maxRules) }

// CheckReason reports whether a text can be the reason of a void or the source of a result.
func CheckReason(s string) bool { return textBetween(s, 1, maxSource) }

// CheckEvidence reports whether a text can be the evidence for a result.
func CheckEvidence(s string) bool { return textBetween(s, 0, maxEvidence) }

func textBetween(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && least <= n && n <= most
}

func checkOutcomes(names []string) bool {
	if len(names) == 1 || len(names) > exchange.MaxOutcomes {
		return false
	}
	for i, name := range names {
		if !textBetween(name, 1, maxOutcome) {
			return false
		}
		for _, other := range names[:i] {
			if other == name {
				return false
			}
		}
	}
	return true
}

// CheckValues reports whether values can settle the market: one a book, each from 0 to 1, and for a categorical market
// adding up to 1.
func (m *Market) CheckValues(values []exchange.Price) bool {
	if len(values) != int(m.Count) {
		return false
	}
	sum := 0
	for _, v := range values {
		if v > exchange.One {
			return false
		}
		sum += int(v)
	}
	return m.Count == 1 || sum == int(exchange.One)
}
