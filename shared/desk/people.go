package desk

import (
	"context"
	"slices"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// fieldCases is what wrong cases of a template are told under.
const fieldCases = "cases"

// people are those a template goes to: who wrote to us on WhatsApp, by their cases. A denuncia is answered as one that does not exist.
func (d *Desk) people(ctx context.Context, cases []string) ([]agenda.Person, error) {
	const op = "desk.people"
	if len(cases) > agenda.MostPeople {
		return nil, fault.Reject(op, fieldCases, "Una plantilla va a lo más a 20 casos por publicación. Haz otra para los demás.")
	}
	var out []agenda.Person
	for _, id := range cases {
		story, err := d.cfg.Cases.Story(ctx, id)
		t := story.Ticket
		switch {
		case fault.Is(err, fault.NotFound), err == nil && (t.Network != mention.WhatsApp || t.Intent.Final == classify.Denuncia):
			return nil, fault.Reject(op, fieldCases, "Uno de los casos no existe, o no es de WhatsApp. Revísalos.")
		case err != nil:
			return nil, err
		case t.Recipient == "":
			return nil, fault.Reject(op, fieldCases, "En el caso "+t.Number+" la red no dijo a quién escribirle. Quítalo de la lista.")
		}
		out = append(out, agenda.Person{Case: id, Recipient: t.Recipient, Account: t.Account})
	}
	return out, nil
}

// reach refuses a template that is not approved on the account of ours that one of the people wrote to.
func (t texts) reach(says post.Template, people []agenda.Person) error {
	for _, p := range people {
		if _, approved := says.Among(t[p.Account]); !approved {
			return fault.Reject("desk.reach", fieldCases, "La plantilla no está aprobada en la cuenta de WhatsApp a la que escribió una de las personas. Quita su caso o elige otra plantilla.")
		}
	}
	return nil
}

// casesOf are the cases asked for, each once.
func (d *Desk) casesOf(ctx context.Context, asked []string) ([]string, error) {
	var out []string
	for _, id := range asked {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	_, err := d.people(ctx, out)
	return out, err
}

// peopleFindings tell that a template has nobody to go to, or that people were chosen and nothing goes to them.
func peopleFindings(c post.Content) []post.Finding {
	to := slices.Contains(c.Networks, mention.WhatsApp)
	switch {
	case to && len(c.Cases) == 0:
		return []post.Finding{{
			Rule: "cases_missing", Level: post.LevelError, Network: mention.WhatsApp, Field: fieldCases,
			Message: "WhatsApp no tiene publicaciones: elige los casos cuyas personas recibirán la plantilla, hasta 20.",
		}}
	case !to && len(c.Cases) > 0:
		return []post.Finding{{
			Rule: "cases_unused", Level: post.LevelWarning, Field: fieldCases, Message: "Elegiste casos, pero la publicación no va a WhatsApp.",
		}}
	default:
		return nil
	}
}
