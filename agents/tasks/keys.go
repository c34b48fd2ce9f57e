package tasks

import "strings"

// keys are the texts and labels that the dialogue uses, each with the placeholders that it fills.
type keys struct {
	slots  []string
	texts  map[string]string
	labels map[string]string
	booth  bool // the booth does the task itself, no tool is called
}

const booking = "place date session tickets"

func list(words string) map[string]string {
	m := map[string]string{}
	for _, k := range strings.Fields(words) {
		m[k] = ""
	}
	return m
}

func commonKeys() keys {
	k := keys{
		texts: list(`welcome.both welcome home home.example languages emergency soon person person.offer person.silence
			person.task person.warm miss.1
			silence scope greeting thanks help slower price hours bye left left.doubt wait again unavailable uncertain
			uncertain.person unable too_many`),
		labels: list(`lang lang.zh lang.en yes no more retry home person continue attraction cancel call another another_call howto done morning afternoon
			other_date other_place left number code failed`),
	}
	k.labels["left"] = "left"
	return k
}

func attractionKeys() keys {
	k := keys{
		slots: []string{"place", "date", "session", "tickets"},
		texts: list(`place.ask place.example place.unknown date.ask date.example date.past date.far date.impossible session.ask session.only
			session.example session.night tickets.ask tickets.example tickets.range check confirm.ask confirm.example change.ask
			change.example closed full full.session few over done done.ask done.example howto fixed`),
		labels: list("card progress change done ticket note confirm"),
	}
	k.texts["date.past"], k.texts["date.far"], k.texts["date.impossible"] = "date days", "date days", "days"
	k.texts["session.only"], k.texts["tickets.range"], k.texts["confirm.ask"] = "session", "max", booking
	k.texts["closed"], k.texts["full"], k.texts["full.session"], k.texts["few"] = "place date", "place date", "session", "session left"
	k.texts["done"] = "number code"
	return k
}

func cancelKeys() keys {
	k := keys{
		slots: []string{"number", "code"},
		texts: list(`number.ask number.example number.wrong code.ask code.example code.wrong check confirm.ask confirm.example unknown
			unknown.person already closed done done.ask done.example kept`),
		labels: list("card progress done confirm"),
	}
	k.texts["confirm.ask"] = booking
	return k
}

func callKeys() keys {
	k := keys{
		slots:  []string{"phone"},
		texts:  list("phone.ask phone.example phone.wrong phone.place confirm.ask confirm.example dial bye done.ask done.example"),
		labels: list("card progress done confirm"),
		booth:  true,
	}
	k.texts["phone.wrong"], k.texts["confirm.ask"] = "min max", "phone"
	return k
}
