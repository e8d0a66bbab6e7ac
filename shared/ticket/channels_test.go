package ticket_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

var update = flag.Bool("update", false, "write the tables of the documents anew")

const (
	channelsPage = "../../docs/es/canales.md"
	tableBegins  = "<!-- desde aquí lo escribe: go test ./shared/ticket -update -->\n"
	tableEnds    = "<!-- hasta aquí -->\n"
)

// The page for the people of the desk says what the table of answers and the windows say.
func TestChannelsPage(t *testing.T) {
	raw, err := os.ReadFile(channelsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(raw), tableBegins)
	held, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table", channelsPage)
	}
	table := channelsTable()
	if *update {
		if err := os.WriteFile(channelsPage, []byte(before+tableBegins+table+tableEnds+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if held != table {
		t.Errorf("%s is not what the rules say: go test ./shared/ticket -update", channelsPage)
	}
}

func channelsTable() string {
	names := map[mention.Network]string{
		mention.Facebook: "Facebook", mention.Instagram: "Instagram", mention.WhatsApp: "WhatsApp", mention.X: "X", mention.LinkedIn: "LinkedIn",
	}
	units := map[post.Unit]string{post.Characters: "caracteres", post.Bytes: "bytes", post.Weighted: "caracteres, como cuenta X"}
	length := func(n mention.Network, v post.Visibility) string {
		rule := post.Of(n, v)
		if rule.None != "" {
			return "no existe"
		}
		return fmt.Sprintf("%d %s", rule.Max, units[rule.Unit])
	}
	var b strings.Builder
	b.WriteString("\n| Red | Pública | Privada | Privada, a un mensaje | Con el permiso especial de Meta | Privada, a un comentario |\n|---|---|---|---|---|---|\n")
	for _, n := range mention.Networks() {
		usual, extended := until(n, mention.DM, ticket.DefaultPolicy(), "del último mensaje"), until(n, mention.DM, approved(), "del último mensaje")
		if extended == usual {
			extended = "igual"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", names[n], length(n, post.Public), length(n, post.Private),
			usual, extended, until(n, mention.Comment, ticket.DefaultPolicy(), "del comentario, una sola vez"))
	}
	verbs := map[post.Verb]string{post.Hide: "Ocultar", post.Unhide: "Mostrar de nuevo", post.Like: "Me gusta", post.Remove: "Borrar una respuesta nuestra"}
	b.WriteString("\n| Red |")
	for _, v := range post.Verbs() {
		fmt.Fprintf(&b, " %s |", verbs[v])
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(post.Verbs())) + "\n")
	for _, n := range mention.Networks() {
		fmt.Fprintf(&b, "| %s |", names[n])
		for _, v := range post.Verbs() {
			fmt.Fprintf(&b, " %s |", doable(n, v))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	return b.String()
}

func doable(n mention.Network, v post.Verb) string {
	if post.ActOf(n, v).None != "" {
		return "no"
	}
	return "sí"
}

// until asks the rules how long the private answer to something of a kind may be given.
func until(n mention.Network, kind mention.Kind, p ticket.Policy, since string) string {
	a := wrote(n, kind, noon).Answers(p, noon)[post.Private]
	open := a.Until.Sub(noon)
	switch {
	case !a.Allowed, n == mention.WhatsApp && kind == mention.Comment:
		return "no"
	case a.Until.IsZero():
		return "sin plazo"
	case open > 48*time.Hour:
		return fmt.Sprintf("%.0f días %s", open.Hours()/24, since)
	default:
		return fmt.Sprintf("%.0f horas %s", open.Hours(), since)
	}
}
