package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// handlers is what serves each route, by its name. New fails if a route has none.
var handlers = map[string]func(*call) *api.Problem{
	"register":    (*call).register,
	"login":       (*call).login,
	"logout":      (*call).logout,
	"setPassword": (*call).setPassword,
	"createKey":   (*call).createKey,
	"listKeys":    (*call).listKeys,
	"revokeKey":   (*call).revokeKey,

	"listMarkets":   (*call).listMarkets,
	"getMarket":     (*call).getMarket,
	"getOrderBook":  (*call).getOrderBook,
	"listTrades":    (*call).listTrades,
	"getMarketAt":   (*call).getMarketAt,
	"getCheckpoint": (*call).getCheckpoint,

	"placeOrder":        (*call).placeOrder,
	"getOrder":          (*call).getOrder,
	"amendOrder":        (*call).amendOrder,
	"cancelOrder":       (*call).cancelOrder,
	"batch":             (*call).batch,
	"listOrders":        (*call).listOrders,
	"cancelOrders":      (*call).cancelOrders,
	"createGroup":       (*call).createGroup,
	"listGroups":        (*call).listGroups,
	"getGroup":          (*call).getGroup,
	"resetGroup":        (*call).resetGroup,
	"triggerGroup":      (*call).triggerGroup,
	"deleteGroup":       (*call).deleteGroup,
	"setDeadMansSwitch": (*call).setDeadMansSwitch,

	"getAccount":      (*call).getAccount,
	"getPortfolio":    (*call).getPortfolio,
	"listPositions":   (*call).listPositions,
	"listFills":       (*call).listFills,
	"getTradeProof":   (*call).getTradeProof,
	"listSettlements": (*call).listSettlements,
	"listLedger":      (*call).listLedger,
	"deposit":         (*call).deposit,
	"withdraw":        (*call).withdraw,

	"createMarket":   (*call).createMarket,
	"adminGetMarket": (*call).getMarket,
	"updateMarket":   (*call).updateMarket,
	"suspendMarket": marketAct(func(a exchange.MarketAction) exchange.Command {
		return &exchange.SuspendMarket{MarketAction: a}
	}),
	"resumeMarket": marketAct(func(a exchange.MarketAction) exchange.Command {
		return &exchange.ResumeMarket{MarketAction: a}
	}),
	"closeMarket": marketAct(func(a exchange.MarketAction) exchange.Command {
		return &exchange.CloseMarket{MarketAction: a}
	}),
	"cancelMarketOrders": marketAct(func(a exchange.MarketAction) exchange.Command {
		return &exchange.CancelMarketOrders{MarketAction: a}
	}),
	"resolveMarket":       (*call).resolveMarket,
	"voidMarket":          (*call).voidMarket,
	"listMarketPositions": (*call).listMarketPositions,
	"adminTradeProof":     (*call).adminTradeProof,

	"listAccounts":       (*call).listAccounts,
	"createAccount":      (*call).createAccount,
	"adminGetAccount":    onAccount((*call).accountAnswer),
	"adminListPositions": onAccount((*call).positionsOf),
	"adminCreateKey":     onAccount((*call).createOperatorKey),
	"adminListKeys":      onAccount((*call).listKeysOf),
	"adminRevokeKey":     onAccount((*call).revokeKeyOf),
	"adminDeposit":       onAccount((*call).depositTo),
	"adminWithdraw":      onAccount((*call).withdrawFrom),
	"setLimits":          onAccount((*call).setLimits),

	"setTier":        onAccount((*call).setTier),
	"getExchange":    (*call).getExchange,
	"haltExchange":   (*call).haltExchange,
	"resumeExchange": (*call).resumeExchange,
	"listFindings":   (*call).listFindings,

	"getApprovals":    (*call).getApprovals,
	"setApprovals":    (*call).setApprovals,
	"listProposals":   (*call).listProposals,
	"approveProposal": (*call).approveProposal,
	"rejectProposal":  (*call).rejectProposal,

	"getCluster":     (*call).getCluster,
	"addMember":      (*call).addMember,
	"setRole":        (*call).setRole,
	"setSynchronous": (*call).setSynchronous,
	"removeMember":   (*call).removeMember,
	"handOver":       (*call).handOver,
	"seize":          (*call).seize,
	"switchRules":    (*call).switchRules,

	"getShards":  (*call).getShards,
	"addShard":   (*call).addShard,
	"planShards": (*call).planShards,
	"drainShard": (*call).drainShard,
	"moveMarket": (*call).moveMarket,
}
