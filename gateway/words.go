package gateway

import (
	"strings"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// The words of the API, each at the index of the value it stands for.
var (
	sideWords      = []string{exchange.Buy: api.Buy, exchange.Sell: api.Sell}
	typeWords      = []string{api.TypeLimit, api.TypeMarket}
	contractWords  = []string{api.Yes, api.No}
	tifWords       = []string{exchange.GoodTillCancelled: api.GTC, exchange.GoodTillTime: api.GTT, exchange.ImmediateOrCancel: api.IOC, exchange.FillOrKill: api.FOK}
	selfTradeWords = []string{
		exchange.CancelTaker: api.CancelTaker, exchange.CancelMaker: api.CancelMaker, exchange.CancelBoth: api.CancelBoth,
		exchange.DecreaseBoth: api.DecreaseBoth, exchange.AllowSelfTrade: api.AllowSelf,
	}
)

// word reads a string that must be one of a few, and returns its index.
func (s *scanner) word(field string, words []string) (uint8, *api.Problem) {
	b, p := s.text(field)
	if p != nil {
		return 0, p
	}
	for i, w := range words {
		if string(b) == w {
			return uint8(i), nil
		}
	}
	return 0, api.CodeInvalidField.Problem(field, field+" must be one of: "+strings.Join(words, ", ")+".")
}
