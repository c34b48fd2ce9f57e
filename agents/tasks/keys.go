package tasks

import "strings"

// keys are the texts and labels that the dialogue uses, each with the placeholders that it fills.
type keys struct {
	slots  []string
	texts  map[string]string
	labels map[string]string
	booth  bool // the booth does the task itself, no tool is called
}

// flowKeys lists the flows, each of which is a file of its id.
func flowKeys() map[string]keys {
	return map[string]keys{Attraction: attractionKeys(), Cancel: cancelKeys(), Call: callKeys(), Hospital: hospitalKeys()}
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

func hospitalKeys() keys {
	k := keys{
		slots: []string{"dept", "hospital", "level", "date", "session", "document", "tail"},
		texts: list(`dept.ask dept.example dept.guide dept.unknown hospital.ask hospital.any hospital.example hospital.unknown hospital.lacks
			level.ask level.example date.ask date.example date.past date.far date.impossible session.ask session.only session.example
			session.night document.ask document.other document.example tail.ask tail.example tail.wrong check confirm.ask confirm.other
			confirm.right confirm.example fee fee.unverified change.ask change.example closed full full.session over done done.ask
			done.example bye howto fixed redflag left price hours unavailable cancel.ask cancel.kept`),
		labels: list(`card progress change done ticket note confirm other_hospital another ambulance queue queue.value fee fee.value
			fee.unverified patient patient.mother patient.father patient.elder patient.spouse patient.child patient.other document.id-card
			document.insurance document.passport document.none document.tail`),
	}
	const clinic = "clinic level date session"
	for key, allowed := range map[string]string{
		"dept.guide": "dept", "hospital.ask": "dept", "hospital.lacks": "hospital dept", "date.past": "date days", "date.far": "date days",
		"date.impossible": "days", "session.only": "session", "document.other": "who", "confirm.ask": clinic + " document",
		"confirm.other": "who", "fee": "yuan", "fee.unverified": "yuan", "closed": clinic, "full": clinic, "full.session": clinic,
		"done": clinic + " queue number code", "cancel.ask": clinic + " queue",
	} {
		k.texts[key] = allowed
	}
	k.labels["queue.value"], k.labels["fee.value"], k.labels["fee.unverified"] = "queue", "yuan", "yuan"
	k.labels["document.tail"] = "document tail"
	return k
}
