// Package golden holds the synthesized template as it was last reviewed, for whoever must read it without CDK: the local
// system plays it, and the rules beside it judge it.
//
// Hashes of assets are replaced by the word ASSET. A test of infra keeps the file equal to what CDK synthesizes; after a
// wanted change run
//
//	go test ./infra -update && go test ./infra/golden -update
//
// and review the difference.
package golden

import _ "embed"

//go:embed template.json
var template string

// Template answers the template of the deployed variant (arm64, stage prod) as JSON; each call answers a copy.
func Template() []byte { return []byte(template) }
