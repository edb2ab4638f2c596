package config

import (
	"bytes"
	"fmt"
	"reflect"
	"text/template"
)

// Format writes settings as a file that Load reads, with what most operators change.
func Format(f File) ([]byte, error) {
	var b bytes.Buffer
	if err := fileTemplate.Execute(&b, formatted{f, Defaults()}); err != nil {
		return nil, fmt.Errorf("writing a configuration: %w", err)
	}
	return b.Bytes(), nil
}

// formatted is what the template has.
type formatted struct {
	File
	Usual File // which need not be written
}

// RarelySet reports whether limits are set that most operators leave alone.
func (f formatted) RarelySet() bool {
	l, usual := f.Limits, f.Usual.Limits
	l.Enforce, l.Tier, l.AddressConnections, l.AddressFactor = usual.Enforce, usual.Tier, usual.AddressConnections, usual.AddressFactor
	return !reflect.DeepEqual(l, usual)
}

var fileTemplate = template.Must(template.New("").Parse(`# Node {{.Node}} of a Hustings exchange. docs/configuration.md explains every setting.
# Paths are relative to this file.

node = {{.Node}}
data = {{printf "%q" .Data}}
{{- if .Region}}
region = {{printf "%q" .Region}}
{{- end}}
deposits = {{printf "%q" .Deposits}}  # who may pay money in: operator, or traders for play money
{{- if .AccessLog}}
access_log = true
{{- end}}
{{- if .PublicMetrics}}
public_metrics = true
{{- end}}
{{- if .DrainDelay}}
drain_delay = {{printf "%q" .DrainDelay}}
{{- end}}

[listen]
api = {{printf "%q" .Listen.API}}
admin = {{printf "%q" .Listen.Admin}}  # the operator's: keep it from the public
peers = {{printf "%q" .Listen.Peers}}
{{- with .HTTPS}}{{if or .Certificate .Key .Clients .ACMEHost .ACMEEmail .ACMEDirectory}}

[https]  # of the API and the operator's API
{{- if .Certificate}}
certificate = {{printf "%q" .Certificate}}
{{- end}}{{if .Key}}
key = {{printf "%q" .Key}}
{{- end}}{{if .Clients}}
clients = {{printf "%q" .Clients}}
{{- end}}{{if .ACMEHost}}
acme_host = {{printf "%q" .ACMEHost}}
{{- end}}{{if .ACMEEmail}}
acme_email = {{printf "%q" .ACMEEmail}}
{{- end}}{{if .ACMEDirectory}}
acme_directory = {{printf "%q" .ACMEDirectory}}
{{- end}}{{end}}{{end}}

{{- if .Tracing.Endpoint}}

[tracing]
endpoint = {{printf "%q" .Tracing.Endpoint}}
ratio = {{.Tracing.Ratio}}
trust = {{.Tracing.Trust}}
{{- end}}

[tls]  # between nodes
authority = {{printf "%q" .TLS.Authority}}
certificate = {{printf "%q" .TLS.Certificate}}
key = {{printf "%q" .TLS.Key}}

[secrets]  # the same on every node
admin = {{printf "%q" .Secrets.Admin}}
gateway = {{printf "%q" .Secrets.Gateway}}
checkpoint = {{printf "%q" .Secrets.Checkpoint}}  # and checkpoint.pub beside it

[timing]  # longer where the network is slow or the machines are shared
heartbeat = {{printf "%q" .Timing.Heartbeat}}
election = {{printf "%q" .Timing.Election}}

[limits]  # docs/configuration.md has the rates
enforce = {{.Limits.Enforce}}
tier = {{printf "%q" .Limits.Tier}}  # of accounts that have no other
address_connections = {{.Limits.AddressConnections}}
address_factor = {{.Limits.AddressFactor}}
{{- if .RarelySet}}{{with .Limits}}
target_latency = {{printf "%q" .TargetLatency}}
trusted_proxies = [{{range $i, $p := .TrustedProxies}}{{if $i}}, {{end}}{{printf "%q" $p}}{{end}}]
general = {rate = {{.General.Rate}}, burst = {{.General.Burst}}}
orders = {rate = {{.Orders.Rate}}, burst = {{.Orders.Burst}}}
market_data = {rate = {{.MarketData.Rate}}, burst = {{.MarketData.Burst}}}
authentication = {rate = {{.Authentication.Rate}}, burst = {{.Authentication.Burst}}}
cancels = {rate = {{.Cancels.Rate}}, burst = {{.Cancels.Burst}}}
factor = {premium = {{.Factor.Premium}}, institutional = {{.Factor.Institutional}}}
penalty = {after = {{.Penalty.After}}, time = {{printf "%q" .Penalty.Time}}, authentication = {{printf "%q" .Penalty.Authentication}}}
{{- range .Accounts}}
[[limits.account]]
account = {{.Account}}
tier = {{printf "%q" .Tier}}
{{- end}}{{end}}{{end}}
{{- if ne .Feed .Usual.Feed}}

[feed]
origins = {{printf "%q" .Feed.Origins}}
connections = {{.Feed.Connections}}
subscriptions = {{.Feed.Subscriptions}}
queue = {{.Feed.Queue}}
requests = {{.Feed.Requests}}
ring = {{.Feed.Ring}}
{{- end}}
{{range .Members}}
[[member]]
node = {{.Node}}
peers = {{printf "%q" .Peers}}
{{end -}}
`))
