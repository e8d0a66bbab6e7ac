package classify

import "bytes"

// cue is what the words around a number say it is.
type cue byte

const (
	cueNone    cue = iota
	cueRUT         // rut, run, cédula, carnet
	cuePhone       // fono, celular, whatsapp
	cueCall        // llámenme: a telephone may follow
	cueAccount     // cuenta, cta
	cueCard        // tarjeta
	cueCode        // folio, ticket, código, curso: a number that is nobody's, even when its check digit happens to be right
	cueFolio       // solicitud, caso: their numbers are nobody's, but people also name them by a RUT
	cueSecret      // clave, pin
	cueMoney       // monto, pesos, lucas
	cueLaw         // ley, decreto
	cueMail        // correo, mail
	cueFiller      // "es", "de", "mi": says nothing and may stand between a label and its number
	cuePerson      // "mi mamá": a filler, and the number is hers
	cueNumber      // "número", "N°": a number that is not said to be anybody's
)

// reach is how far from a number a word still speaks of it, in bytes.
const reach = 80

// context is what stands before a number.
type context struct {
	cue      cue
	near     bool // only fillers stand between
	sentence bool // no sentence ends between
	number   bool // "el número", "N°", and not "mi número"
	own      bool // "mi número"
	person   bool // "mi mamá"
}

// meaning gives the cue of a folded word.
func meaning(word []byte) cue {
	if c := labelOf(word); c != cueNone {
		return c
	}
	if bytes.HasSuffix(word, []byte("rut")) { // mirut, elrut
		return cueRUT
	}
	switch string(word) {
	case "es", "de", "del", "mi", "mis", "el", "la", "los", "su", "sus", "al", "a", "con", "identidad", "nacional", "chileno", "chilena",
		"va", "asi", "un", "una", "y", "e", "en", "que", "este", "ese", "esta", "otro", "otra", "por", "para", "o", "lo", "le", "les", "me",
		"dejo", "doy", "paso", "tengo", "era", "fue", "seria", "empresa", "fijo", "personal", "urgente", "vista", "ahorro", "corriente",
		"bancaria", "banco", "estado", "bancoestado", "chile", "santander", "bci", "falabella", "ripley", "nueva", "nuevo", "mio", "mia",
		"buena", "actual", "correcta", "siguiente", "deposito", "hablar", "sms", "unica", "sence":
		return cueFiller
	case "papa", "mama", "hijo", "hija", "hermano", "hermana", "esposo", "esposa", "senora", "senor", "marido", "tio", "tia", "abuela", "abuelo",
		"madre", "padre", "pareja", "trabajador", "trabajadora", "titular", "alumno", "alumna", "suegra", "suegro", "prima", "primo",
		"sobrina", "sobrino", "vecina", "vecino", "nieta", "nieto", "participante", "mami", "papi", "cunado", "cunada", "yerno", "nuera":
		return cuePerson
	case "numero", "nro", "num", "n", "no", "numeros", "nr", "numerito":
		return cueNumber
	}
	return cueNone
}

func labelOf(word []byte) cue {
	switch string(word) {
	case "rut", "run", "cedula", "cedulas", "carnet", "carne", "carnets", "ruts", "ci", "rutt", "identificacion", "dni", "rutificador":
		return cueRUT
	case "fono", "fonos", "telefono", "telefonos", "tel", "telf", "tlf", "tfno", "cel", "celu", "celular", "celulares", "movil", "whatsapp", "whatsap",
		"whats", "wsp", "wasap", "wassap", "watsap", "guasap", "wsap", "wapp", "ws", "wp", "contacto", "fonito", "telegram", "telefonico":
		return cuePhone
	case "llamar", "llame", "llamen", "llamenme", "llameme", "llamame", "llamarme", "llamado", "llaman", "llamaron", "llama", "llamo", "llamada",
		"contactar", "contactarme", "contacten", "contactenme", "contacteme", "contactame", "comuniquese", "comunicarse", "avisar", "avisan",
		"avisen", "avisenme", "ubicarme", "ubiquenme", "marcar", "hable", "anote", "anoten", "anota", "apunte":
		return cueCall
	case "cuenta", "cuentas", "cta", "ctas", "cuentarut", "cte":
		return cueAccount
	case "tarjeta", "tarjetas", "tarj", "visa", "mastercard", "redcompra", "debito", "credito":
		return cueCard
	case "folio", "folios", "ticket", "tickets", "tiket", "tique", "codigo", "codigos", "cod", "curso", "cursos", "resolucion", "res", "exenta", "ot", "oc",
		"orden", "factura", "facturas", "electronica", "boleta", "boletas", "expediente", "comprobante", "comprobantes", "accion", "acciones", "id", "plan",
		"oferta", "serie", "diploma", "protocolo", "transaccion", "operacion", "licitacion", "rol", "oficio", "formulario", "convenio", "memo",
		"memorandum", "acta", "lote", "pedido", "guia", "nis", "poliza", "ordinario", "proyecto":
		return cueCode
	case "solicitud", "solicitudes", "caso", "casos", "ingreso", "ingresada", "ingresado", "reingresada", "reingreso", "tramite", "certificado", "registro",
		"seguimiento", "requerimiento", "causa", "partes", "postulacion", "consulta", "reclamo", "papelito", "documento", "contrato", "sucursal",
		"credencial", "radicado", "atencion", "carta":
		return cueFolio
	case "clave", "claves", "contrasena", "password", "pin", "pass":
		return cueSecret
	case "monto", "pesos", "lucas", "luca", "uf", "utm", "clp", "plata", "palos", "usd", "dolares", "cuotas", "millones", "millon", "mil":
		return cueMoney
	case "ley", "leyes", "decreto", "ds", "dl", "dfl", "articulo", "art", "inciso", "circular":
		return cueLaw
	case "correo", "correos", "mail", "mails", "email", "e-mail", "gmail", "hotmail", "correito", "emails", "escribanme", "escribame", "escribeme", "escribir":
		return cueMail
	}
	return cueNone
}

// before reads the words to the left of a number, the nearest first.
func (f *finder) before(start int) context {
	c := context{near: true, sentence: true}
	last := cueNone // of the word to the right of the one that is read
	for i := start; i > max(0, start-reach); {
		b := f.view[i-1]
		if b == taken {
			break
		}
		if !isLetter(b) {
			// "rut. 12" ends no sentence.
			ended := i < start && f.at(i) == ' ' && isEnd(b) && f.at(i-3) != ' '
			c.sentence = c.sentence && !ended
			c.near = c.near && c.sentence && !isNumber(b)
			i--
			continue
		}
		from := i
		for from > 0 && isLetter(f.view[from-1]) {
			from--
		}
		m := f.meaningAt(from, i)
		if c.hear(m, last, f.view[from:i]) {
			break
		}
		last, i = m, from
	}
	return c
}

// hear takes one word into account and reports whether it is what was looked for.
func (c *context) hear(m, right cue, word []byte) bool {
	switch {
	case m == cueNumber:
		c.number = true
	case m == cueNone || m == cueMoney: // "hace mil": only what follows a number makes it an amount
		c.near = false
	case m == cuePerson:
		c.person = true
	case m != cueFiller:
		c.cue = m
		return true
	case right == cueNumber && (string(word) == "mi" || string(word) == "su"):
		c.number, c.own = false, true
	}
	return false
}

// meaningAt gives the cue of the word that ends at end, also of one with dots, and of "cuenta rut", which is an account.
func (f *finder) meaningAt(start, end int) cue {
	if end-start == 1 {
		for _, w := range [...]string{"r.u.t", "r.u.n", "c.i"} {
			if from := end - len(w); from >= 0 && string(f.view[from:end]) == w {
				return cueRUT
			}
		}
	}
	m := meaning(f.view[start:end])
	if m == cueRUT && f.accountBefore(start) {
		return cueAccount
	}
	return m
}

func isEnd(b byte) bool { return b == '.' || b == '!' || b == '?' }

// accountBefore knows "cuenta rut", which is an account.
func (f *finder) accountBefore(i int) bool {
	for _, w := range [...]string{"cuenta ", "cta ", "cta. "} {
		if i >= len(w) && string(f.view[i-len(w):i]) == w {
			return true
		}
	}
	return false
}

// after reads the words to the right of a number and gives the first cue in the same sentence. near tells whether only
// fillers stand between.
func (f *finder) after(end int) (c cue, near bool) {
	near = true
	for i := end; i < min(len(f.view), end+reach); {
		b := f.view[i]
		if b == taken || isEnd(b) && f.at(i+1) == ' ' {
			break
		}
		if !isLetter(b) {
			i++
			continue
		}
		to := f.wordAt(i)
		m := meaning(f.view[i:to])
		if m != cueNone && m < cueFiller {
			return m, near
		}
		near = near && m != cueNone
		i = to
	}
	return cueNone, false
}

// money reports whether a number is an amount: $ before it, or pesos, lucas, UF right after.
func (f *finder) money(start, end int) bool {
	i := start - 1
	for f.at(i) == ' ' && i >= 0 {
		i--
	}
	if f.at(i) == '$' {
		return true
	}
	c, near := f.after(end)
	return c == cueMoney && near
}

// linked reports whether a number stands in a link, after a handle's or a hashtag's sign, or is a part of one.
func (f *finder) linked(start int) bool {
	for i := start - 1; i >= max(0, start-reach); i-- {
		switch f.view[i] {
		case ' ', taken:
			return false
		case '=', '@', '#', '_':
			return true
		case '/':
			// After a number it only parts two of them.
			if b := f.at(i - 1); !isNumber(b) && b != taken || f.at(i-2) == '/' {
				return !f.chatLink(i)
			}
		case ':':
			return f.at(i+1) == '/'
		}
	}
	return false
}

// chatLink knows wa.me/, which is a telephone's.
func (f *finder) chatLink(i int) bool {
	return i >= 5 && string(f.view[i-5:i]) == "wa.me"
}
