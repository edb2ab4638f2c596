package projection

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Keys name the accounts and markets that an event belongs to, for an index of the journal:
//
//	 63        56 55                                  0
//	+------------+-------------------------------------+
//	| kind       | id                                  |
//	+------------+-------------------------------------+
//
// All events of a market belong to it but for refusals, which leave no trace in it; those of its moves between shards belong
// to these too. All events of an account belong to it; a trade belongs to both of its accounts.
const (
	keyKindAccount = 1
	keyKindMarket  = 2
	keyKindMoves   = 3
	keyKindShift   = 56
)

// AccountKey is the key of an account.
func AccountKey(id exchange.AccountID) uint64 { return keyKindAccount<<keyKindShift | uint64(id) }

// MarketKey is the key of a market.
func MarketKey(id exchange.MarketID) uint64 { return keyKindMarket<<keyKindShift | uint64(id) }

// MovesKey is the key of a market's moves between shards.
func MovesKey(id exchange.MarketID) uint64 { return keyKindMoves<<keyKindShift | uint64(id) }

// places says where in a frame of some kind the ids are; 0: it has none.
type places struct{ account, counterpart, market uint8 }

var framePlaces = [...]places{
	exchange.KindOrderPlaced:           {account: 16, market: 4},
	exchange.KindOrderMatched:          {account: 24, counterpart: 28, market: 4},
	exchange.KindOrderCancelled:        {account: 16, market: 4},
	exchange.KindOrderExpired:          {account: 16, market: 4},
	exchange.KindOrderReduced:          {account: 16, market: 4},
	exchange.KindOrderAmended:          {account: 16, market: 4},
	exchange.KindOrderRejected:         {account: 8},
	exchange.KindCommandRejected:       {account: 4},
	exchange.KindPositionOpened:        {account: 4, market: 8},
	exchange.KindPositionClosed:        {account: 4, market: 8},
	exchange.KindMassCancelAccepted:    {account: 4, market: 8},
	exchange.KindGroupCreated:          {account: 4},
	exchange.KindGroupChanged:          {account: 4},
	exchange.KindDeadManSet:            {account: 4},
	exchange.KindAccountRegistered:     {account: 4},
	exchange.KindPasswordSet:           {account: 4},
	exchange.KindCredentialCreated:     {account: 4},
	exchange.KindCredentialRevoked:     {account: 4},
	exchange.KindFundsDeposited:        {account: 4},
	exchange.KindFundsWithdrawn:        {account: 4},
	exchange.KindLimitsSet:             {account: 4},
	exchange.KindMarketCreated:         {market: 4},
	exchange.KindMarketUpdated:         {market: 4},
	exchange.KindMarketSuspended:       {market: 4},
	exchange.KindMarketResumed:         {market: 4},
	exchange.KindMarketClosed:          {market: 4},
	exchange.KindMarketResolved:        {market: 4},
	exchange.KindMarketVoided:          {market: 4},
	exchange.KindMarketSettled:         {market: 4},
	exchange.KindMarketHalted:          {market: 4},
	exchange.KindMarketOrdersCancelled: {market: 4},
	exchange.KindPayoutIssued:          {account: 4, market: 8},
	exchange.KindRefundIssued:          {account: 4, market: 8},
	exchange.KindOrderRested:           {account: 16, market: 4},
	exchange.KindRulesSwitched:         {},
	exchange.KindTransferSent:          {account: 4},
	exchange.KindTransferReceived:      {account: 4},
	exchange.KindTransferReleased:      {},
	exchange.KindMarketFrozen:          {market: 4},
	exchange.KindMarketThawed:          {market: 4},
	exchange.KindMarketPartAdopted:     {market: 4},
	exchange.KindMarketPartDropped:     {market: 4},
	exchange.KindPlacementSet:          {},
	exchange.KindTierSet:               {account: 4},
	exchange.KindSessionsEnded:         {account: 4},
	exchange.KindHaltSet:               {},
	exchange.KindOperatorActed:         {account: 4},
	exchange.KindGroupSet:              {account: 4},
	exchange.KindGroupCounted:          {account: 4},
	exchange.KindApprovalsSet:          {},
	exchange.KindActProposed:           {account: 4},
	exchange.KindActDecided:            {account: 4},
}

// AppendKeys appends the keys of an event, of which the frame is given, each once. A frame that is not one of an event
// that is known here has none.
func AppendKeys(frame []byte, keys []uint64) []uint64 {
	if len(frame) < 4 {
		return keys
	}
	kind := wire.EventKind(frame)
	if int(kind) >= len(framePlaces) {
		return keys
	}
	at := framePlaces[kind]
	account := idAt(frame, at.account)
	if account != 0 {
		keys = append(keys, AccountKey(exchange.AccountID(account)))
	}
	if other := idAt(frame, at.counterpart); other != 0 && other != account {
		keys = append(keys, AccountKey(exchange.AccountID(other)))
	}
	if market := idAt(frame, at.market); market != 0 {
		keys = append(keys, MarketKey(exchange.MarketID(market)))
		if kind >= exchange.KindMarketFrozen && kind <= exchange.KindMarketPartDropped {
			keys = append(keys, MovesKey(exchange.MarketID(market)))
		}
	}
	return keys
}

// idAt returns the id at a place of a frame, 0 if it has none.
func idAt(frame []byte, place uint8) uint32 {
	if place == 0 || int(place)+4 > len(frame) {
		return 0
	}
	return binary.LittleEndian.Uint32(frame[place:])
}
