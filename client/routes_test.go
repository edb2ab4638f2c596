package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// calls has for each route, by its name, the method that calls it.
var calls = map[string]func(context.Context, *client.Client) (any, error){
	"register": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Register(ctx, "ada", "correct horse"))
	},
	"login": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Login(ctx, "ada", "correct horse"))
	},
	"logout": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Logout(ctx)) },
	"setPassword": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.SetPassword(ctx, api.SetPassword{Current: "correct horse", New: "battery staple"}))
	},
	"createKey": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.CreateKey(ctx, "", api.CreateKey{}))
	},
	"listKeys":  func(ctx context.Context, c *client.Client) (any, error) { return value(c.Keys(ctx)) },
	"revokeKey": func(ctx context.Context, c *client.Client) (any, error) { return value(c.RevokeKey(ctx, 7)) },

	"listMarkets": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Markets(ctx, url.Values{"q": {"rain"}}))
	},
	"getMarket":     func(ctx context.Context, c *client.Client) (any, error) { return value(c.Market(ctx, 3, 9)) },
	"getOrderBook":  func(ctx context.Context, c *client.Client) (any, error) { return value(c.OrderBook(ctx, 3, 5, 9)) },
	"listTrades":    func(ctx context.Context, c *client.Client) (any, error) { return value(c.Trades(ctx, 3, nil)) },
	"getMarketAt":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.MarketAt(ctx, 3, 1, 5)) },
	"getCheckpoint": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Checkpoint(ctx)) },

	"placeOrder": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Place(ctx, 3, "", api.PlaceOrder{Quantity: 1}))
	},
	"getOrder": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Order(ctx, 3, 8)) },
	"amendOrder": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Amend(ctx, 3, 8, "", 2, api.AmendOrder{Quantity: 1}))
	},
	"cancelOrder": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Cancel(ctx, 3, 8)) },
	"batch":       func(ctx context.Context, c *client.Client) (any, error) { return value(c.Batch(ctx, "", api.Batch{})) },
	"listOrders": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Orders(ctx, url.Values{"status": {"all"}}))
	},
	"cancelOrders": func(ctx context.Context, c *client.Client) (any, error) { return value(c.CancelAll(ctx, 3)) },
	"createGroup": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.CreateGroup(ctx, "", api.CreateGroup{}))
	},
	"listGroups":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.Groups(ctx)) },
	"getGroup":     func(ctx context.Context, c *client.Client) (any, error) { return value(c.Group(ctx, 4)) },
	"resetGroup":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.ResetGroup(ctx, 4)) },
	"triggerGroup": func(ctx context.Context, c *client.Client) (any, error) { return value(c.TriggerGroup(ctx, 4)) },
	"deleteGroup":  func(ctx context.Context, c *client.Client) (any, error) { return value(c.DeleteGroup(ctx, 4)) },
	"setDeadMansSwitch": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.SetDeadMansSwitch(ctx, api.DeadMansSwitch{TimeoutSeconds: 9}))
	},

	"getAccount":      func(ctx context.Context, c *client.Client) (any, error) { return value(c.Account(ctx)) },
	"getPortfolio":    func(ctx context.Context, c *client.Client) (any, error) { return value(c.Portfolio(ctx, 9)) },
	"listPositions":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.Positions(ctx, nil)) },
	"listFills":       func(ctx context.Context, c *client.Client) (any, error) { return value(c.Fills(ctx, nil)) },
	"getTradeProof":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.TradeProof(ctx, 9)) },
	"listSettlements": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Settlements(ctx, nil)) },
	"listLedger":      func(ctx context.Context, c *client.Client) (any, error) { return value(c.Ledger(ctx, nil)) },
	"deposit": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Deposit(ctx, "", api.Transfer{Amount: 1}))
	},
	"withdraw": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.Withdraw(ctx, "", api.Transfer{Amount: 1}))
	},

	"createMarket": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.CreateMarket(ctx, "", api.CreateMarket{}))
	},
	"adminGetMarket": func(ctx context.Context, c *client.Client) (any, error) { return value(c.OperatorMarket(ctx, 3)) },
	"updateMarket": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.UpdateMarket(ctx, 3, 2, api.UpdateMarket{}))
	},
	"suspendMarket": func(ctx context.Context, c *client.Client) (any, error) { return value(c.SuspendMarket(ctx, 3, 2)) },
	"resumeMarket":  func(ctx context.Context, c *client.Client) (any, error) { return value(c.ResumeMarket(ctx, 3, 2)) },
	"closeMarket":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.CloseMarket(ctx, 3, 2)) },
	"resolveMarket": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.ResolveMarket(ctx, 3, 2, api.ResolveMarket{}))
	},
	"voidMarket": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.VoidMarket(ctx, 3, 2, api.VoidMarket{}))
	},
	"cancelMarketOrders": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.CancelMarketOrders(ctx, 3, 2))
	},
	"listMarketPositions": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Holders(ctx, 3, nil)) },
	"adminTradeProof":     func(ctx context.Context, c *client.Client) (any, error) { return value(c.TradeProofOf(ctx, 9)) },

	"listAccounts":       func(ctx context.Context, c *client.Client) (any, error) { return value(c.Accounts(ctx, nil)) },
	"createAccount":      func(ctx context.Context, c *client.Client) (any, error) { return value(c.CreateAccount(ctx, "ada")) },
	"adminGetAccount":    func(ctx context.Context, c *client.Client) (any, error) { return value(c.AccountOf(ctx, 5)) },
	"adminListPositions": func(ctx context.Context, c *client.Client) (any, error) { return value(c.PositionsOf(ctx, 5, nil)) },
	"adminCreateKey": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.CreateKeyFor(ctx, 5, "", api.CreateKey{}))
	},
	"adminListKeys":  func(ctx context.Context, c *client.Client) (any, error) { return value(c.KeysOf(ctx, 5)) },
	"adminRevokeKey": func(ctx context.Context, c *client.Client) (any, error) { return value(c.RevokeKeyOf(ctx, 5, 7)) },
	"adminDeposit": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.DepositTo(ctx, 5, "", api.Transfer{}))
	},
	"adminWithdraw": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.WithdrawFrom(ctx, 5, "", api.Transfer{}))
	},
	"setLimits": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.SetLimits(ctx, 5, 2, api.SetLimits{}))
	},
	"setTier": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.SetTier(ctx, 5, 2, api.TierPremium))
	},
	"listFindings": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Findings(ctx, nil)) },

	"getExchange": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Exchange(ctx)) },
	"haltExchange": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.HaltExchange(ctx, "k", "why"))
	},
	"resumeExchange": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.ResumeExchange(ctx, "k", "why"))
	},

	"getApprovals": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Approvals(ctx)) },
	"setApprovals": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.SetApprovals(ctx, "k", api.SetApprovals{Reversals: true}))
	},
	"listProposals": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Proposals(ctx)) },
	"approveProposal": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.ApproveProposal(ctx, "k", 4))
	},
	"rejectProposal": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.RejectProposal(ctx, "k", 4))
	},

	"getCluster": func(ctx context.Context, c *client.Client) (any, error) { return value(c.Cluster(ctx)) },
	"addMember": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.AddMember(ctx, api.AddMember{}))
	},
	"setRole":        func(ctx context.Context, c *client.Client) (any, error) { return value(c.SetRole(ctx, 2, api.Voter)) },
	"setSynchronous": func(ctx context.Context, c *client.Client) (any, error) { return value(c.SetSynchronous(ctx, 2, true)) },
	"seize":          func(ctx context.Context, c *client.Client) (any, error) { return value(c.Seize(ctx, api.Seize{})) },
	"switchRules":    func(ctx context.Context, c *client.Client) (any, error) { return value(c.SwitchRules(ctx, 2)) },
	"removeMember":   func(ctx context.Context, c *client.Client) (any, error) { return value(c.RemoveMember(ctx, 2)) },
	"handOver":       func(ctx context.Context, c *client.Client) (any, error) { return value(c.HandOver(ctx, 2)) },
	"getShards":      func(ctx context.Context, c *client.Client) (any, error) { return value(c.Shards(ctx)) },
	"addShard": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.AddShard(ctx, api.AddShard{}))
	},
	"planShards": func(ctx context.Context, c *client.Client) (any, error) {
		return value(c.PlanShards(ctx, api.PlanShards{}))
	},
	"drainShard": func(ctx context.Context, c *client.Client) (any, error) { return value(c.DrainShard(ctx, 2)) },
	"moveMarket": func(ctx context.Context, c *client.Client) (any, error) { return value(c.MoveMarket(ctx, 3, 2)) },
}

func value[T any](v T, err error) (any, error) { return v, err }

// filled returns a value of a shape with something in every field.
func filled(shape any) any {
	v := reflect.New(reflect.TypeOf(shape)).Elem()
	fill(v)
	return v.Interface()
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	default:
		v.SetUint(1)
	}
}

// Every route of the API can be called, as the table of routes says, and no method calls what is not there.
func TestEveryRouteHasAMethod(t *testing.T) {
	routes := api.Routes()
	var reached string
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) {
			reached = route.Name
			checkRequest(t, &route, r)
			if err := json.MarshalWrite(w, filled(route.Answer)); err != nil {
				t.Errorf("%s: %v", route.Name, err)
			}
		})
	}
	s := httptest.NewServer(mux)
	defer s.Close()
	c, err := client.New(s.URL, client.Options{Token: "pm_x", Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, route := range routes {
		call, ok := calls[route.Name]
		if !ok {
			t.Errorf("no method of the client calls %s (%s %s)", route.Name, route.Method, route.Path)
			continue
		}
		reached = ""
		got, err := call(t.Context(), c)
		if err != nil || reached != route.Name {
			t.Errorf("the call of %s reached %q: %v", route.Name, reached, err)
		}
		if want := filled(route.Answer); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", route.Name, got, want)
		}
	}
	for name := range calls {
		if !slices.ContainsFunc(routes, func(r api.Route) bool { return r.Name == name }) {
			t.Errorf("%s is no route", name)
		}
	}
}

// checkRequest checks what a request carries against its route.
func checkRequest(t *testing.T, route *api.Route, r *http.Request) {
	t.Helper()
	if (r.Header.Get(api.HeaderKey) != "") != route.Mutation() {
		t.Errorf("%s: idempotency key %q", route.Name, r.Header.Get(api.HeaderKey))
	}
	if (r.Header.Get("If-Match") != "") != route.IfMatch {
		t.Errorf("%s: If-Match %q", route.Name, r.Header.Get("If-Match"))
	}
	if (r.ContentLength > 0) != (route.Request != nil) || (r.Header.Get("Content-Type") != "") != (route.Request != nil) {
		t.Errorf("%s: a body of %d bytes", route.Name, r.ContentLength)
	}
	for name := range r.URL.Query() {
		known := slices.ContainsFunc(route.Query, func(p api.Param) bool { return p.Name == name })
		if !known && (name != api.ParamSeq || route.Mutation()) {
			t.Errorf("%s: parameter %s", route.Name, name)
		}
	}
}
