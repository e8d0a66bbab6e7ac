package channel

import (
	"cmp"
	"slices"
)

// KnownTemplate is a text a network has approved for an account of ours. Body is that text, with {{1}} and so on where Params
// things are filled in; Category is the network's word for what it may be used for, and what it is billed as.
type KnownTemplate struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Body     string `json:"body"`
	Params   int    `json:"params"`
	Category string `json:"category,omitempty"`
}

// What is kept of an account's templates at most: it is read and written with the account, every few minutes, and an account
// may have thousands of them.
const (
	mostTemplates     = 100
	mostTemplateBytes = 48 << 10
)

// Approved is the account with the templates its network says are approved, by their names; the same are no change. Of more
// than it holds, the last are left out.
func (c Channel) Approved(all []KnownTemplate) Channel {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b KnownTemplate) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language))
	})
	size, fits := 0, 0
	for _, t := range sorted {
		size += len(t.Name) + len(t.Language) + len(t.Body) + len(t.Category)
		if fits == mostTemplates || size > mostTemplateBytes {
			break
		}
		fits++
	}
	if kept := sorted[:fits]; !slices.Equal(kept, c.Templates) {
		c.Templates = kept
	}
	return c
}
