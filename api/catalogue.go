package api

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// CodeInfo is what the catalogue of errors says about a code.
type CodeInfo struct {
	Code    string
	Status  int
	Retry   string // RetryNever, RetryChange or RetryLater
	Title   string // of every Problem with this code
	Meaning string // what has happened, in a sentence or two
	Remedy  string // what the caller does now
}

// Catalogue returns an entry for every code that an answer can have, by code. The slice is the caller's.
func Catalogue() []CodeInfo {
	var all []CodeInfo
	add := func(e CodeInfo) {
		a := advices[e.Code]
		e.Meaning, e.Remedy = a.meaning, a.remedy
		all = append(all, e)
	}
	for _, r := range exchange.Rejects() {
		add(CodeInfo{Code: r.String(), Status: RejectStatus(r), Retry: retryWords[r.Retry()], Title: r.Text()})
	}
	for _, c := range Codes() {
		add(CodeInfo{Code: c.Code, Status: c.Status, Retry: c.Retry, Title: c.Title})
	}
	slices.SortFunc(all, func(a, b CodeInfo) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// advice is what a title has no room for.
type advice struct{ meaning, remedy string }

var advices = map[string]advice{
	// Of the exchange.
	"malformed":                 {"The exchange could not read what the server sent it. The two are of different versions.", "Nothing that a client could change. Tell the operator, who finishes the upgrade."},
	"idempotency_key_reused":    {"The key belongs to an earlier request with other content. That one's answer stands; this request did nothing.", "Make one key for each thing that is to be done once, and keep it for its retries alone."},
	"capacity_exhausted":        {"The exchange has given out every identifier of this kind, or has no room for more.", "Tell the operator. Cancelling open orders helps where it is orders that have no room."},
	"account_not_found":         {"No account has this identifier.", "Look the identifier up: it is in the answer that made the account."},
	"account_blocked":           {"The operator has blocked the account: it places no orders and takes no money out. Its orders can be cancelled.", "Contact the operator. When the block is lifted, send the request again with a new key."},
	"exchange_halted":           {"The operator has halted the exchange: no order is taken in any market. Cancels, payments and reads go on.", "Cancel what should not rest. When trading goes on, send the order again with a new key."},
	"approval_needed":           {"Two operators have to agree to this here: a withdrawal of so much, another result of a resolved market, or that less needs two.", "Ask an operator, who proposes it on the operator's API, and another one approves it there."},
	"approval_not_needed":       {"Which acts need two operators was changed while this was being proposed. Nothing was done.", "Send it again with a new key: then it is done at once."},
	"proposal_not_found":        {"No act with this number waits for a second operator. It may have been approved, rejected, or have lapsed after a day.", "List the proposals. What is still wanted is proposed again."},
	"own_proposal":              {"The operator who approves has to be another one than who proposed. Operators are told apart by the accounts of their keys; the admin key is one of them.", "Let another operator approve it. To take it back, reject it."},
	"tier_too_high":             {"A key has at most the tier of its account.", "Leave the tier out, or ask the operator for a higher tier of the account."},
	"name_taken":                {"Account names are unique, and this one is in use.", "Choose another name."},
	"name_invalid":              {"The name is too short, too long, or has a character that names do not have.", "Use 3 to 32 of a-z, 0-9, '_', '-' and '.'."},
	"key_not_found":             {"The account has no API key with this identifier, or it was revoked.", "List the keys and take an identifier from there."},
	"key_exists":                {"An API key with the same secret was made before.", "Ask for a key again with a new idempotency key: then it gets another secret."},
	"market_not_found":          {"No market has this identifier.", "Take identifiers from the list of markets."},
	"outcome_not_found":         {"The market has no outcome of this name. Names are compared letter by letter.", "Take the name from the market's outcomes. Those of a binary market are yes and no."},
	"order_not_found":           {"No order of yours has this identifier in this market, or it is done and cannot be changed. Another account's order is answered the same.", "Read the order to see how it ended. To cancel what is done is not a failure."},
	"group_not_found":           {"No order group of yours has this identifier, or it was deleted.", "List the groups and take an identifier from there."},
	"version_mismatch":          {"If-Match named a version, and the resource has had a change since.", "Read it again, decide whether the change is still wanted, and send it with the new version and a new key."},
	"market_halted":             {"A check of the market's books failed, and it stands still until the operator has looked into it. Other markets trade on.", "Wait for the operator. Orders in the market cannot be cancelled meanwhile."},
	"market_not_open":           {"The market is suspended, closed or done. Cancels are accepted while it is suspended.", "Read the market's status. A suspended market may open again; then send the order with a new key."},
	"market_state":              {"The act does not fit where the market is in its life: for example, a settled market cannot be resolved.", "Read the market's status and choose an act that fits it."},
	"text_invalid":              {"A text has a length or a character that this field does not have.", "Shorten it, and leave out what controls or hides text."},
	"outcomes_invalid":          {"The outcomes of a categorical market are too few, too many, too long, or two are the same.", "Give 2 to 64 distinct names, or leave outcomes out for a binary market."},
	"terms_invalid":             {"A tick size, fee, limit, duration or time is out of its range, or contradicts another one.", "See the ranges of the fields of this request."},
	"rules_immutable":           {"Traders have agreed to the rules with their orders, so the text cannot change any more.", "Void the market and open another one, if the rules are wrong."},
	"settlement_values_invalid": {"The values do not fit the market's outcomes.", "Give one value from 0 to 1 for each outcome, of a binary market only that of yes; those of a categorical market add up to 1."},
	"amount_out_of_range":       {"The amount is zero, negative, or more than the exchange counts.", "Give an amount above 0 and of at most 100,000,000,000."},
	"options_conflict":          {"Two options of the order exclude each other, such as post_only and ioc, or gtt without expires_at.", "Leave one of them out."},
	"price_out_of_range":        {"The price is 0, 1 or beyond.", "A price is above 0 and below 1, with at most 4 decimals."},
	"price_off_tick":            {"The market accepts only multiples of its tick size there.", "Read the market's tick, and round."},
	"quantity_out_of_range":     {"The quantity is 0, or more than an order may have.", "Use a whole number from 1 to 1,000,000; split what is greater."},
	"quantity_already_filled":   {"The amended quantity is no more than what is filled already, so nothing of the order would be left.", "Cancel the order instead."},
	"expiry_passed":             {"The order's expires_at is in the past by the exchange's clock.", "Give a later time, or send it as good till cancelled."},
	"group_triggered":           {"The group's fills passed its limit, so it takes no more orders.", "Reset the group, then send the order again with a new key."},
	"too_many_orders":           {"The account has as many open orders as it is allowed.", "Cancel some, then send the order again with a new key."},
	"price_outside_collar":      {"The market has a collar, and the price is further from the last trade than it allows.", "Take a price nearer to the last trade."},
	"nothing_to_reduce":         {"The order is reduce-only, and the account holds no position that it would close.", "Read your positions. It may have been closed by another order."},
	"position_limit":            {"If all open orders filled, the account would hold more of this market than it allows.", "Lower the quantity, or cancel other orders in the market."},
	"insufficient_funds":        {"The free cash does not cover the order at its worst price with its highest fee. Money behind open orders is not free.", "Pay in, cancel other orders, or lower price or quantity; then use a new key."},
	"post_only_crosses":         {"Somebody offers that price already, and a post-only order does not take.", "Take a price further from the other side, or leave post_only out."},
	"fill_or_kill_unfilled":     {"The book cannot fill the whole order at its price, so none of it was done.", "Send it again later with a new key, lower the quantity, or use ioc to take what there is."},
	"funds_elsewhere":           {"The account's cash is on another shard and is on its way.", "Send the same again with the same key."},
	"group_elsewhere":           {"The order group is on its way to the machine that has the market. The key is unused.", "Send the same again with the same key."},
	"transfer_out_of_order":     {"Cash on its way between shards arrives in order, and an earlier part is not there yet.", "Send the same again with the same key."},
	"market_exists":             {"The identifier for the new market is in use.", "Send the request again with a new key."},
	"market_moving":             {"The market is on its way to another machine, which takes milliseconds. The key is unused.", "Send the same again with the same key."},
	"market_moved":              {"The market is on another machine than the one that was asked. The key is unused.", "Send the same again with the same key."},
	"move_abandoned":            {"The market could not be put on the other shard. It stays where it is.", "Nothing: the exchange tries again by itself."},

	// Of the server.
	"malformed_json":           {"The body is not JSON, is cut off, has something behind it, has more than 8 levels, or is not UTF-8.", "Mend the program that writes it. The detail names the byte."},
	"unknown_field":            {"A field is misspelled, in another case, or of another request.", "The answer's field names it. Compare with the fields of this request."},
	"duplicate_field":          {"The same field is there twice, so it is not clear which one is meant.", "The answer's field names it. Send it once."},
	"missing_field":            {"A required field, or the whole body, is not there.", "The answer's field names it. Add it."},
	"invalid_field":            {"A field has another type, spelling, length or value than it may have.", "The answer's field names it and the detail says what it must be."},
	"invalid_query":            {"A query parameter is unknown, there twice, or has a value that it cannot have.", "The answer's field names it. Cursors must come from the same list."},
	"idempotency_key_required": {"Sent twice by accident, this request would be done twice, so it needs a key.", "Send an Idempotency-Key of your own making, or client_order_id with an order."},
	"idempotency_key_invalid":  {"The header Idempotency-Key is empty, too long, there twice, or has other characters.", "Use 1 to 64 printable ASCII characters, such as a UUID."},
	"if_match_invalid":         {"The header If-Match is no single version of this API, or this request cannot be conditional.", "Send the ETag of the last read, or the version in quotes."},
	"unauthenticated":          {"The credential is missing, malformed, unknown, expired or revoked. All of these are answered alike.", "Log in again, or use another API key. On the operator's address send the admin key."},
	"signature_invalid":        {"A header of the signature is missing or malformed, the key is unknown, or what was signed is not this request. All of these are answered alike.", "Compare what you sign, byte by byte, with the worked example in docs/formats/signature.md."},
	"timestamp_out_of_window":  {"The time in the signature is too far from the clock of the exchange, before or after it.", "Set your clock, for example by the header Date of this answer, and sign again."},
	"nonce_used":               {"A request with this nonce was taken already, so this one is a repetition of it, yours or somebody else's.", "To try again, sign anew with another nonce and the same Idempotency-Key."},
	"address_not_allowed":      {"The key may be used from certain addresses only, and the request came from another one.", "Send it from one of those addresses, or make a key for this one."},
	"rules_too_old":            {"Not all nodes knew this when the rules in force were switched on.", "The operator upgrades the rules: hustings cluster upgrade. Then send it again."},
	"login_failed":             {"The name or the password is wrong. Which of them is not said.", "Correct them. An account that the operator made without a password has keys only."},
	"forbidden":                {"The credential is valid, and does not permit this.", "Use one with the permission that the route needs."},
	"disabled":                 {"The operator has switched this off for everybody: for example, traders do not pay in by themselves here.", "Ask the operator."},
	"not_found":                {"No route has this path, or the thing does not exist or is another's.", "Compare the path with the reference, letter by letter."},
	"method_not_allowed":       {"The path exists, with other methods.", "See the header Allow."},
	"body_too_large":           {"The body has more than 64 KiB. The connection is closed.", "Send less, for example smaller batches."},
	"too_many_headers":         {"The request has more than 100 headers.", "Send fewer."},
	"too_many_keys":            {"An account makes at most 1,000 keys. Those that were revoked or have expired count, for the exchange remembers them.", "Use a key that the account has, or ask the operator, who can make more."},
	"too_many_subscriptions":   {"The connection has as many subscriptions as one may have.", "End some, subscribe to all markets of a channel at once, or open another connection."},
	"not_kept":                 {"What was asked for lies further back than the feed keeps, or is of another epoch.", "Take the image that follows, or read the past from the HTTP API."},
	"over_burst":               {"One request, such as a batch, asks for more than your limit ever allows at once.", "Send less in a request: RateLimit-Policy says how much there is."},
	"rate_limited":             {"You, your key or your address has sent more than its limit in a short time. Nothing was done.", "Wait as long as Retry-After says. RateLimit says what is left; cancels have a limit of their own."},
	"penalty_box":              {"You went on sending while you were refused, so everything but cancels is refused for a while.", "Wait as long as Retry-After says. Each time again the wait is twice as long."},
	"unsupported_media_type":   {"The body says that it is something else than plain JSON in UTF-8.", "Send Content-Type: application/json and no Content-Encoding."},
	"internal":                 {"A fault of the exchange. It may have been done, or not.", "Send the same again with the same key. Tell the operator if it stays."},
	"not_caught_up":            {"The node has not seen what the read asked for within 2 seconds, or no checkpoint covers it yet.", "Wait as long as Retry-After says and send the same again."},
	"overloaded":               {"More requests are under way than the exchange takes on, so this one was turned away before anything was done.", "Wait as long as Retry-After says, then send the same again with the same key. Slow down."},
	"unavailable":              {"The answer was lost on its way inside the exchange, as when a leader is lost. The request may have been done or may still be.", "Send the same again with the same key: then it is done once, and you get the first answer."},
	"time_out_of_range":        {"There is no such instant in this exchange's past.", "Name a time between the exchange's beginning and now."},
	"history_unavailable":      {"The journal cannot be read, or what is looked for lies too deep in it, or on its way from one shard to another.", "Send the same again later, or ask for a shorter list."},
	"no_cluster":               {"The exchange is one process, and has no members.", "Nothing: run it with hustings serve on several machines to have members."},
	"member_not_found":         {"No member of the cluster has this number.", "Take the number from the cluster's status."},
	"member_lags":              {"The node is too far behind to be given this part.", "Wait until the status says that it is ok, then ask again."},
	"quorum_at_risk":           {"The change would leave the exchange without a majority that can be reached.", "Bring another voter back or add one first."},
	"change_under_way":         {"Members change one at a time.", "Wait until the status shows the other change done, then ask again."},
	"not_lost":                 {"Seizing was refused: a node that was named as lost answers, or the ones named are no majority of the voters.", "Look at the status from every survivor, and name exactly the lost nodes."},
	"seize_elsewhere":          {"Another survivor has entries of the log that this one lacks.", "Seize at the node that the detail names."},
	"rules_unknown":            {"A member runs a program that does not know this version of the rules.", "Upgrade the program of every member, then ask again."},
	"not_leader":               {"Only the leader can do this, and another node leads.", "Ask the node that the detail names."},
	"no_leader":                {"No majority of the voters can reach each other, so nothing can be decided.", "Bring nodes back. Send the same again then."},
	"no_shards":                {"The exchange has no shards to show or change.", "Nothing: see the guide on clusters to run several shards."},
	"shard_not_found":          {"No shard has this number.", "Take the number from the list of shards."},
	"shard_out_of_order":       {"A new shard must have the number after the greatest.", "Leave the number out: then it is chosen."},
	"too_many_shards":          {"An exchange has at most 64 shards.", "Give existing shards more weight instead."},
	"last_shard":               {"If this shard were drained no other one would take its markets.", "Add another shard, or give one points, first."},
	"market_stays":             {"The market has ended. What has ended does not move.", "Nothing: it needs no capacity where it is."},
	"too_many_markets_put":     {"Each market that is put somewhere by hand is written down, and the list is full.", "Let some go back to where their ids place them: put them on shard 0."},
}
