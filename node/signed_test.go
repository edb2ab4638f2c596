package node_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/signature"
)

// A client that signs does all that one with a secret does: reads, and changes that it may send again.
func TestClientSigns(t *testing.T) {
	ctx, r := bound(t), start(t, configOf(t.TempDir()))
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := must[api.RegisterAnswer](t)(r.admin.CreateAccount(ctx, "ada"))
	must[api.KeyAnswer](t)(r.admin.CreateKeyFor(ctx, a.Account, "", api.CreateKey{PublicKey: signature.FormatKey(public)}))

	ada := r.public.Signing(private)
	must[api.TransferAnswer](t)(ada.Deposit(ctx, "", api.Transfer{Amount: 100_0000}))
	p := must[api.Portfolio](t)(ada.Portfolio(ctx, 0))
	if p.Cash != 100_0000 {
		t.Errorf("%+v", p)
	}
	for range 2 { // the same deposit
		must[api.TransferAnswer](t)(ada.Deposit(ctx, "again", api.Transfer{Amount: 1_0000}))
	}
	if p := must[api.Portfolio](t)(ada.Portfolio(ctx, p.Seq)); p.Cash != 101_0000 {
		t.Errorf("%+v", p)
	}
	other := ed25519.NewKeyFromSeed(make([]byte, 32))
	if _, err := r.public.Signing(other).Portfolio(ctx, 0); client.Code(err) != api.CodeUnauthenticated.Code {
		t.Errorf("an unknown key: %v", err)
	}
}
