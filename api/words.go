package api

import "github.com/hustings/hustings/exchange"

// The words of orders and fills. Each list has a word at the index of the value it stands for, and is not to be changed.
var (
	SideWords      = []string{exchange.Buy: Buy, exchange.Sell: Sell}
	ContractWords  = []string{Yes, No}
	TypeWords      = []string{TypeLimit, TypeMarket}
	TIFWords       = []string{exchange.GoodTillCancelled: GTC, exchange.GoodTillTime: GTT, exchange.ImmediateOrCancel: IOC, exchange.FillOrKill: FOK}
	SelfTradeWords = []string{
		exchange.CancelTaker: CancelTaker, exchange.CancelMaker: CancelMaker, exchange.CancelBoth: CancelBoth,
		exchange.DecreaseBoth: DecreaseBoth, exchange.AllowSelfTrade: AllowSelf,
	}
	StatusWords = []string{StatusOpen, StatusFilled, StatusCancelled, StatusExpired}
	RoleWords   = []string{RoleMaker, RoleTaker}
)
