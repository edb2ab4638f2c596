package config

import (
	"bytes"
	"fmt"
	"text/template"
)

// Format writes settings as a file that Load reads, with what most operators change.
func Format(f File) ([]byte, error) {
	var b bytes.Buffer
	if err := fileTemplate.Execute(&b, formatted{f, Defaults().Feed}); err != nil {
		return nil, fmt.Errorf("writing a configuration: %w", err)
	}
	return b.Bytes(), nil
}

// formatted is what the template has.
type formatted struct {
	File
	UsualFeed Feed // which need not be written
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
{{- if .DrainDelay}}
drain_delay = {{printf "%q" .DrainDelay}}
{{- end}}

[listen]
api = {{printf "%q" .Listen.API}}
admin = {{printf "%q" .Listen.Admin}}  # the operator's: keep it from the public
peers = {{printf "%q" .Listen.Peers}}

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
{{- if ne .Feed .UsualFeed}}

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
