package openapi

import (
	"math"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// limit is what a field may be, beyond its type. Of an array it is about the elements, but for items.
type limit struct {
	words       []string // all that there are
	length      [2]int   // of a text, in characters; 0, 0: not bounded here
	items       [2]int   // of an array
	from        int64    // of a number
	to          uint64   // of a number; 0: not bounded here
	pattern     string
	value       any // where it is left out
	example     any
	description string // where the comment of the field would mislead
}

var (
	marketWords  = []string{"open", "suspended", "closed", "resolved", "settled", "voiding", "voided"}
	roleWords    = []string{api.Voter, api.Learner}
	healthWords  = []string{api.HealthHealthy, api.HealthDegraded, api.HealthWaiting, api.HealthNoLeader}
	memberHealth = []string{api.HealthOK, api.HealthLagging, api.HealthUnreachable}
	changeWords  = []string{api.ChangeAdd, api.ChangeDrain, api.ChangeMove}
	permissions  = []string{api.PermissionRead, api.PermissionTrade, api.PermissionAdmin}
	usual        = []string{api.PermissionRead, api.PermissionTrade}
	tierWords    = []string{api.TierStandard, api.TierPremium, api.TierInstitutional}
)

const (
	namePattern      = `^[a-z0-9_.-]{3,32}$`
	printablePattern = `^[ -~]{1,64}$`
)

// limits are those of the fields of each shape, by "Shape.field" in the words of JSON.
var limits = map[string]limit{
	"Register.name":             {pattern: namePattern, length: [2]int{3, 32}, example: "ada"},
	"Register.password":         {length: [2]int{8, 128}, example: "correct horse battery"},
	"Login.name":                {example: "ada"},
	"Login.password":            {example: "correct horse battery"},
	"SetPassword.current":       {example: "correct horse battery"},
	"SetPassword.new":           {length: [2]int{8, 128}, example: "a new battery for the horse"},
	"CreateKey.label":           {length: [2]int{0, 100}, example: "market maker"},
	"CreateKey.permissions":     {words: permissions, items: [2]int{1, 0}, value: usual},
	"CreateKey.tier":            {words: tierWords},
	"CreateKey.addresses":       {length: [2]int{2, 43}, items: [2]int{1, 32}, example: []string{"203.0.113.0/24"}},
	"CreateKey.public_key":      {pattern: `^[A-Za-z0-9_-]{43}$`, length: [2]int{43, 43}},
	"SetTier.tier":              {words: tierWords},
	"SetHalt.reason":            {length: [2]int{1, 500}, example: "prices come from a feed that is wrong"},
	"SetApprovals.withdrawals":  {example: "1000.0000"},
	"CreateAccount.name":        {pattern: namePattern, length: [2]int{3, 32}, example: "house"},
	"Transfer.amount":           {example: "100.0000", pattern: positivePattern},
	"Transfer.reference":        {length: [2]int{0, 200}, example: "invoice 7"},
	"SetLimits.max_open_orders": {description: "Greatest number of open orders, 0 for the exchange's own limit."},

	"PlaceOrder.outcome":             {example: api.Yes},
	"PlaceOrder.contract":            {words: api.ContractWords, value: api.Yes},
	"PlaceOrder.side":                {words: api.SideWords},
	"PlaceOrder.type":                {words: api.TypeWords, value: api.TypeLimit},
	"PlaceOrder.quantity":            {from: 1, to: uint64(exchange.MaxQuantity), example: 10},
	"PlaceOrder.time_in_force":       {words: api.TIFWords, value: api.GTC},
	"PlaceOrder.self_trade":          {words: api.SelfTradeWords, value: api.CancelTaker},
	"PlaceOrder.max_cost":            {pattern: positivePattern},
	"PlaceOrder.client_order_id":     {pattern: printablePattern, length: [2]int{1, api.MaxKey}, example: "order-1"},
	"AmendOrder.contract":            {words: api.ContractWords},
	"AmendOrder.quantity":            {from: 1, to: uint64(exchange.MaxQuantity)},
	"Batch.cancels":                  {items: [2]int{0, api.MaxBatch}},
	"Batch.orders":                   {items: [2]int{0, api.MaxBatch}},
	"CreateGroup.limit":              {from: 1, to: math.MaxUint32, example: 500},
	"CreateGroup.window_seconds":     {from: 1, to: 3_600, example: 60},
	"DeadMansSwitch.timeout_seconds": {from: 0, to: 86_400, example: 30},

	"CreateMarket.question":               {length: [2]int{10, 500}, example: "Will it rain in Paris tomorrow?"},
	"CreateMarket.rules":                  {length: [2]int{0, 10_000}},
	"CreateMarket.outcomes":               {length: [2]int{1, 100}, items: [2]int{2, exchange.MaxOutcomes}},
	"CreateMarket.dispute_window_seconds": {from: 0, to: math.MaxInt64 / 1_000_000_000},
	"UpdateMarket.question":               {length: [2]int{10, 500}},
	"UpdateMarket.rules":                  {length: [2]int{0, 10_000}},
	"ResolveMarket.values":                {items: [2]int{1, exchange.MaxOutcomes}},
	"ResolveMarket.source":                {length: [2]int{1, 500}, example: "Météo-France"},
	"ResolveMarket.evidence":              {length: [2]int{0, 2_000}},
	"VoidMarket.reason":                   {length: [2]int{1, 500}, example: "The question has no answer."},

	"AddMember.node":    {from: 1, to: math.MaxUint16, example: 4},
	"AddMember.peers":   {example: "10.0.0.4:7000"},
	"AddMember.role":    {words: roleWords},
	"SetRole.role":      {words: roleWords},
	"HandOver.node":     {from: 1, to: math.MaxUint16, example: 2},
	"Seize.lost":        {items: [2]int{1, 0}},
	"PlanShards.change": {words: changeWords},

	"OrderAnswer.contract":      {words: api.ContractWords},
	"OrderAnswer.side":          {words: api.SideWords},
	"OrderAnswer.outcome":       {example: api.Yes},
	"OrderAnswer.type":          {words: api.TypeWords},
	"OrderAnswer.time_in_force": {words: api.TIFWords},
	"OrderAnswer.status":        {words: []string{api.StatusOpen, api.StatusFilled, api.StatusCancelled}},
	"AmendAnswer.contract":      {words: api.ContractWords},
	"AmendAnswer.status":        {words: []string{api.StatusOpen, api.StatusDone}},
	"CancelAnswer.status":       {words: []string{api.StatusCancelled}},
	"Order.outcome":             {example: api.Yes},
	"Order.contract":            {words: api.ContractWords},
	"Order.side":                {words: api.SideWords},
	"Order.type":                {words: api.TypeWords},
	"Order.status":              {words: api.StatusWords},
	"Order.time_in_force":       {words: api.TIFWords},
	"Order.self_trade":          {words: api.SelfTradeWords},
	"Group.status":              {words: []string{api.StatusOpen, "triggered"}},
	"KeyAnswer.permissions":     {words: permissions},
	"KeyAnswer.secret":          {example: "pm_…"},
	"Key.permissions":           {words: permissions},
	"Position.contract":         {words: api.ContractWords},
	"Fill.contract":             {words: api.ContractWords},
	"Fill.side":                 {words: api.SideWords},
	"Fill.role":                 {words: api.RoleWords},
	"Settlement.kind":           {words: []string{"payout", "refund"}},
	"Entry.kind": {words: []string{"deposit", "repayment", "withdrawal", "hold", "trade", "fee", "merge", "amendment", "payout",
		"refund", "sent", "received"}},
	"MarketInfo.kind":      {words: []string{api.Binary, api.Categorical}},
	"MarketInfo.status":    {words: marketWords},
	"MarketInfo.question":  {example: "Will it rain in Paris tomorrow?"},
	"MarketAt.status":      {words: marketWords},
	"OutcomeInfo.outcome":  {example: api.Yes},
	"Book.outcome":         {example: api.Yes},
	"Trade.outcome":        {example: api.Yes},
	"Trade.taker_side":     {words: api.SideWords},
	"Cluster.health":       {words: healthWords},
	"ClusterShard.health":  {words: healthWords},
	"ClusterMember.role":   {words: roleWords},
	"ClusterMember.wanted": {words: roleWords},
	"ClusterMember.health": {words: memberHealth},
	"StateCheck.result":    {words: []string{api.CheckSame, api.CheckDifferent}},
	"Shards.health":        {words: healthWords},
	"Shard.health":         {words: healthWords},
	"ShardPlan.change":     {words: changeWords},
	"Problem.retry":        {words: []string{api.RetryNever, api.RetryChange, api.RetryLater}},
	"Problem.type":         {example: api.ProblemURI("insufficient_funds")},
	"Problem.code":         {example: "insufficient_funds"},
}

// queryLimits are those of query parameters, by "route.parameter" or by the parameter alone.
var queryLimits = map[string]limit{
	"limit":              {from: 1, to: api.MaxPage, value: api.PageSize},
	"depth":              {from: 1, to: api.MaxLevels, value: api.BookLevels},
	"q":                  {length: [2]int{1, 200}, example: "rain"},
	"cursor":             {pattern: `^[A-Za-z0-9_-]+$`},
	"listMarkets.status": {words: marketWords},
	"listMarkets.sort":   {words: []string{"newest", "oldest", "volume", "activity", "closing"}, value: "newest"},
	"listOrders.status":  {words: []string{"open", "all"}, value: "open"},
	"listAccounts.name":  {length: [2]int{1, 0}, example: "ada"},
	"outcome":            {length: [2]int{1, 0}, example: api.Yes},
	api.ParamFresh:       {words: []string{"true", "false"}, value: "false"},
}

// queryShapes are the parameters that have the form of a named value.
var queryShapes = map[string]string{"market": "Id", "order": "Id", "group": "Id", api.ParamSeq: "Id", "at": "Time", "time": "Time"}
