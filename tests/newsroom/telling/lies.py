"""Invented articles, lies that a machine might tell about each, and honest rewordings that must get through.

Each lie has the one fact wrong that its kind names; the rest of it is as the article has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from digest.newsroom.telling import Piece


@dataclass(frozen=True)
class Case:
    """One article with what may and what must not be printed about it."""

    piece: Piece
    lies: tuple[tuple[str, str], ...]
    honest: tuple[str, ...] = field(default=())


CRAMPS = Case(
    Piece(
        title="Magnesium tablets unlikely to help leg cramps, review finds",
        text="Magnesium tablets are unlikely to prevent leg cramps at night in older adults, according to a Cochrane "
        "review of 67 trials. The trials involved over 2,300 adults in 14 countries. The reviewers found no clear "
        "benefit of magnesium over a dummy pill after 12 weeks. Diarrhoea occurred in 11 of 100 people with magnesium "
        "and in 6 of 100 with placebo. “We found no clear evidence of benefit, and some evidence of harm,” said Ada "
        "Lorn, a pharmacist at Northmoor University who led the review. Ben Osei, a kidney doctor who was not "
        "involved, said the tablets should not be taken by people with kidney disease. The daily dose ranged from 200 "
        "mg to 520 mg. The work was paid for by the Harbour Institute, and it was published on 18 November 2026. "
        "About one in five older adults has cramps each week.",
        outlet="Sample Post",
        url="https://post.example/cramps",
    ),
    lies=(
        ("number", "A Cochrane review of 76 trials found no clear benefit of magnesium over a dummy pill."),
        ("number", "The trials involved over 23,000 adults in 14 countries."),
        ("number", "The trials involved over 2,300 adults in fourteen hundred countries."),
        ("number", "A Cochrane review of sixty-six trials found no clear benefit of magnesium."),
        ("number", "A Cochrane review of 67% of trials found no clear benefit of magnesium."),
        ("number", "A review of ６８ trials found no clear benefit of magnesium."),
        ("pair", "The review covered 2,300 trials with over 67 adults."),
        ("pair", "The review covered 14 trials in 67 countries."),
        ("pair", "Diarrhoea occurred in 6 of 100 people with magnesium and in 11 of 100 with placebo."),
        ("pair", "Diarrhoea occurred in 11 of 100 people with placebo and in 6 of 100 with magnesium."),
        ("pair", "The reviewers found no clear benefit of magnesium after 12 months."),
        ("unit", "The daily dose ranged from 200 g to 520 g."),
        ("unit", "The daily dose ranged from 200 mcg to 520 mcg."),
        ("qualifier", "The trials involved fewer than 2,300 adults in 14 countries."),
        ("qualifier", "The trials involved up to 2,300 adults in 14 countries."),
        ("ratio", "About one in four older adults has cramps each week."),
        ("ratio", "About half of older adults have cramps each week."),
        ("ratio", "About two in five older adults have cramps each week."),
        ("ratio", "About one in five older adults has cramps each night."),
        ("date", "The review was published on 19 November 2026."),
        ("date", "The review was published on 18 October 2026."),
        ("date", "The review was published on 18 November 2025."),
        ("name", "The work was paid for by the Wellcome Institute."),
        ("name", "Ada Lorn of Harvard University led the review."),
        ("name", "Ada Osei, a pharmacist at Northmoor University, led the review."),
        ("speaker", "Ben Osei said: “We found no clear evidence of benefit, and some evidence of harm.”"),
        ("quotation", "“We found clear evidence of benefit,” said Ada Lorn, who led the review."),
        ("quotation", "Ada Lorn said there was “no evidence of harm” in the review."),
        ("link", "The review of magnesium can be read at https://magnesium.example/buy."),
        ("opposite", "The reviewers found a clear benefit of magnesium over a dummy pill after 12 weeks."),
        ("opposite", "Magnesium tablets are likely to prevent leg cramps at night in older adults."),
        ("opposite", "Magnesium tablets prevent leg cramps at night in older adults."),
        ("opposite", "The reviewers found no evidence of harm, and clear evidence of benefit, in older adults."),
        ("comparison", "A dummy pill had no clear benefit over magnesium in the review."),
        ("population", "Magnesium tablets are unlikely to prevent leg cramps at night in children."),
        ("population", "Magnesium tablets are unlikely to prevent leg cramps in pregnant women."),
        ("word", "Magnesium tablets are unlikely to prevent leg cramps and damage the liver in older adults."),
        ("word", "Magnesium tablets are unlikely to prevent migraine in older adults, the review found."),
        ("word", "The review found that aspirin is unlikely to prevent leg cramps in older adults."),
        ("certainty", "The review proves that magnesium tablets never prevent leg cramps in older adults."),
        ("certainty", "The review showed that magnesium tablets cause diarrhoea in all older adults."),
        ("advice", "Stop taking magnesium tablets for leg cramps at night."),
        ("advice", "Older adults should stop taking magnesium tablets for leg cramps."),
        ("advice", "You need no magnesium tablets to prevent leg cramps at night."),
        ("advice", "Older adults with leg cramps are advised to take magnesium tablets at night."),
        ("advice", "Magnesium tablets should be taken by people with kidney disease."),
        ("advice", "Talk to a pharmacist about magnesium tablets and leg cramps at night."),
        ("echo", "Here is the summary: the review found no clear benefit of magnesium over a dummy pill."),
        ("echo", "As an AI, I found no clear evidence of benefit of magnesium tablets in the review."),
        ("echo", "Article 1 says the reviewers found no clear benefit of magnesium over a dummy pill."),
        ("markup", "The reviewers found <b>no clear benefit</b> of magnesium over a dummy pill."),
        ("markup", "The reviewers found **no clear benefit** of magnesium over a dummy pill."),
        ("markup", "The reviewers found no clear benefit of magnesium.<script>alert(1)</script>"),
        ("markup", "The reviewers found no clear benefit of [magnesium](javascript:alert)."),
        ("character", "The reviewers found no clear benefit of m\u0430gnesium over a dummy pill."),
        ("character", "The reviewers found no clear\u200b benefit of magnesium over a dummy pill."),
        ("character", "The reviewers found no clear benefit\u200d of magnesium over a dummy pill."),
        ("character", "The reviewers found no clear \u202ebenefit of magnesium over a dummy pill."),
        ("character", "The reviewers found no clear benefit of magnesium over a dummy pill 🎉."),
        ("character", "The reviewers looked at ⑥⑦ trials of magnesium in older adults."),
        (
            "language",
            "Die Übersicht fand keinen klaren Nutzen von Magnesium bei nächtlichen Krämpfen älterer Menschen.",
        ),
        ("language", "La revue n’a trouvé aucun bénéfice clair du magnésium contre les crampes des adultes."),
        ("other", "Nine children fell ill with measles in the valley this month, the region's doctors said."),
    ),
    honest=(
        "Magnesium tablets are unlikely to help against leg cramps at night in older adults, a Cochrane review found.",
        "A review of 67 trials found no clear benefit of magnesium for leg cramps.",
        "The 67 trials involved more than 2,300 adults in 14 countries.",
        "Diarrhoea was more common with magnesium: 11 of 100 people, against 6 of 100 with placebo.",
        "After 12 weeks, magnesium was no better than a dummy pill.",
        "The review was led by Ada Lorn, a pharmacist at Northmoor University.",
        "Ada Lorn said her team found “no clear evidence of benefit, and some evidence of harm”.",
        "Daily doses in the trials were between 200 mg and 520 mg.",
        "The Harbour Institute paid for the work.",
        "About one in five older adults has cramps every week.",
        "The tablets should not be taken by people with kidney disease, said Ben Osei, who was not involved.",
        "There was no clear difference between magnesium and placebo after 12 weeks, but diarrhoea was more common.",
    ),
)

SLEEP = Case(
    Piece(
        title="Dimmer evenings bring office workers a little more sleep",
        text="Office workers who dimmed their lamps after 8 pm slept 18 minutes longer a night than those who did not, "
        "a randomised trial has found. The trial, run in Leeds and Gdansk, followed 184 workers for six weeks. "
        "Half of them were given amber lamps for the evening, and the other half kept their usual lamps. Daytime "
        "sleepiness did not differ between the groups. The workers wore wrist sensors and kept a diary. Three of 92 "
        "people in the dim-light group stopped because they found the lamps too dark to read by. “It is a small "
        "gain, and we do not know whether it lasts,” said Mira Kovač of the Sleep Unit in Leeds. The trial was not "
        "blinded, and most of those who took part were under 40. The study was funded by a maker of lamps, Lumora. "
        "It was published in the journal Evening Science.",
        outlet="Northern Ledger",
        url="https://ledger.example/dim",
    ),
    lies=(
        ("number", "Workers who dimmed their lamps slept 80 minutes longer a night."),
        ("number", "The trial followed 148 workers for six weeks."),
        ("number", "The trial followed 184 workers for sixteen weeks."),
        ("unit", "Workers who dimmed their lamps slept 18 hours longer a week."),
        ("unit", "Workers who dimmed their lamps slept 18% longer a night."),
        ("pair", "The trial followed 18 workers for 184 minutes."),
        ("pair", "Ninety-two of 184 people in the dim-light group stopped because the lamps were too dark."),
        ("ratio", "A third of the workers were given amber lamps for the evening."),
        ("ratio", "Workers with amber lamps slept twice as long as the other half."),
        ("opposite", "Daytime sleepiness differed between the groups."),
        ("opposite", "Daytime sleepiness was lower in the dim-light group."),
        ("opposite", "Office workers who dimmed their lamps slept 18 minutes shorter a night than those who did not."),
        ("opposite", "The trial was blinded, and most of those who took part were under 40."),
        ("opposite", "The gain is small, and we know that it lasts, said Mira Kovač of the Sleep Unit."),
        ("comparison", "Those who kept their usual lamps slept 18 minutes longer than those who dimmed them."),
        ("qualifier", "Most of those who took part were over 40."),
        ("population", "Night nurses who dimmed their lamps slept 18 minutes longer a night."),
        ("quantifier", "All of those who took part were under 40, and the trial was not blinded."),
        ("name", "The study was funded by a maker of lamps, Philips."),
        ("name", "The trial was run in Leeds and Warsaw."),
        ("name", "It was published in the journal Nature Science."),
        ("word", "The study was funded by a maker of sleeping pills, Lumora."),
        ("word", "Dimmed lamps improved memory in the office workers, the trial found."),
        ("certainty", "The trial proved that dimmer lamps cure bad sleep in office workers."),
        ("certainty", "Amber lamps caused the workers to sleep 18 minutes longer and guarantee better evenings."),
        ("advice", "Dim your lamps after 8 pm to sleep 18 minutes longer a night."),
        ("advice", "Workers should use amber lamps in the evening, the trial found."),
        ("speaker", "“It is a small gain, and we do not know whether it lasts,” said Lumora, a maker of lamps."),
        ("date", "Office workers who dimmed their lamps after 6 pm slept longer, a trial has found."),
        ("date", "Office workers who dimmed their lamps after 8 am slept 18 minutes longer."),
    ),
    honest=(
        "Workers who dimmed their lamps after 8 pm slept 18 minutes longer a night, a randomised trial found.",
        "The trial followed 184 office workers in Leeds and Gdansk for six weeks.",
        "Daytime sleepiness was no different between the groups.",
        "Half of the workers were given amber lamps; the others kept their usual ones.",
        "Three of the 92 people in the dim-light group stopped because the lamps were too dark to read by.",
        "Mira Kovač of the Sleep Unit in Leeds called it “a small gain”.",
        "The study was funded by Lumora, which makes lamps.",
        "The trial was not blinded, and most participants were under 40.",
        "Whether the gain lasts is not known, said Mira Kovač.",
        "The workers wore sensors on the wrist and kept a diary.",
        "The findings were published in Evening Science.",
    ),
)

MICE = Case(
    Piece(
        title="Gut bacterium eases arthritis in mice",
        text="A gut bacterium eased swollen joints in mice, scientists report. Mice that were fed the bacterium for "
        "four weeks had 30% less swelling than mice that were not. The scientists at the Delta Institute in Porto do "
        "not know whether the same happens in people. The bacterium lowered the level of one signal of inflammation, "
        "but did not lower two others. In mice without a thymus it had no effect. A trial in people may start in "
        "2028. “Mice are not people, and nobody should buy bacteria because of this,” said Rui Teles, who led the "
        "work. The study appeared as a preprint and has not been reviewed by other scientists.",
        outlet="Daily Copy",
        url="https://copy.example/mice",
    ),
    lies=(
        ("population", "A gut bacterium eased swollen joints in people, scientists report."),
        ("population", "A gut bacterium eased swollen joints in patients with arthritis."),
        ("omission", "A gut bacterium fed for four weeks led to 30% less swelling of joints."),
        ("population", "A gut bacterium eased swollen joints in rats, scientists report."),
        ("number", "Mice that were fed the bacterium had 40% less swelling than mice that were not."),
        ("opposite", "Mice that were fed the bacterium for four weeks had 30% more swelling than mice that were not."),
        ("opposite", "The bacterium lowered two signals of inflammation, but did not lower one other."),
        ("opposite", "The scientists know that the same happens in people."),
        ("opposite", "In mice without a thymus it had an effect."),
        ("opposite", "The study has been reviewed by other scientists."),
        ("opposite", "The bacterium raised the level of one signal of inflammation."),
        ("date", "A trial in people may start in 2026."),
        ("certainty", "A trial in people will start in 2028."),
        ("certainty", "A gut bacterium cured arthritis in mice, scientists report."),
        ("word", "The study appeared in Nature and was reviewed by other scientists."),
        ("word", "A gut bacterium eased swollen joints and cancer in mice."),
        ("advice", "People should buy bacteria because of this, said Rui Teles, who led the work."),
        ("quotation", "“Mice are people,” said Rui Teles, who led the work on bacteria."),
        ("unit", "Mice that were fed the bacterium for four days had 30% less swelling than mice that were not."),
        ("pair", "Mice that were fed the bacterium for 30 weeks had less swelling."),
        ("name", "The scientists at the Gamma Institute in Porto do not know whether the same happens in people."),
    ),
    honest=(
        "A gut bacterium eased swollen joints in mice, scientists at the Delta Institute in Porto report.",
        "Mice fed the bacterium for four weeks had 30% less swelling than the others.",
        "It is not known whether the same happens in people.",
        "The bacterium lowered one signal of inflammation, but not two others.",
        "It had no effect in mice without a thymus.",
        "The study is a preprint and has not been reviewed by other scientists.",
        "A trial in people may start in 2028.",
        "“Mice are not people,” said Rui Teles, who led the work.",
    ),
)

COFFEE = Case(
    Piece(
        title="Coffee drinkers had fewer falls, but coffee may not be the reason",
        text="People over 65 who drank two or more cups of coffee a day had fewer falls than those who drank none, a "
        "cohort study suggests. Over nine years, 12.4% of coffee drinkers and 16.1% of others had a fall that needed "
        "hospital care. The study followed 9,876 people in Norway. It cannot show that coffee protects against falls: "
        "those who drank coffee were younger, smoked less and walked more. After these differences were taken into "
        "account, the risk was 14% lower. Tea was not linked to falls. “This is an association and nothing more,” "
        "said Ingrid Aas of Fjord University. The authors declared no conflicts of interest. Falls kill about 680,000 "
        "people a year worldwide.",
        outlet="Reuters",
        url="https://wire.example/coffee",
    ),
    lies=(
        ("number", "Over nine years, 14.2% of coffee drinkers had a fall that needed hospital care."),
        ("pair", "Over nine years, 16.1% of coffee drinkers and 12.4% of others had a fall that needed hospital care."),
        ("pair", "After these differences were taken into account, the risk was 12.4% lower."),
        ("opposite", "After these differences were taken into account, the risk was 14% higher."),
        ("opposite", "Tea was linked to falls in people over 65."),
        ("opposite", "The study shows that coffee protects against falls."),
        ("opposite", "Those who drank coffee were older, smoked less and walked more."),
        ("opposite", "Those who drank coffee were younger, smoked more and walked less."),
        ("opposite", "The authors declared conflicts of interest."),
        (
            "opposite",
            "People over 65 who drank two or more cups of coffee a day had more falls than those who drank none.",
        ),
        ("certainty", "Coffee prevents falls in people over 65, a cohort study shows."),
        ("certainty", "Drinking two or more cups of coffee a day protects people over 65 against falls."),
        ("certainty", "This is an association and proof that coffee caused fewer falls, said Ingrid Aas."),
        ("unit", "Falls kill about 680,000 people a week worldwide."),
        ("number", "Falls kill about 680 million people a year worldwide."),
        ("number", "Falls kill about 68,000 people a year worldwide."),
        ("population", "Falls kill about 680,000 people a year in Norway."),
        ("qualifier", "People under 65 who drank two or more cups of coffee a day had fewer falls."),
        ("qualifier", "People over 65 who drank up to two cups of coffee a day had fewer falls."),
        ("unit", "The risk of falls was 14 percentage points lower."),
        ("word", "Decaffeinated coffee was linked to fewer fractures in people over 65."),
        ("advice", "Drink two or more cups of coffee a day to have fewer falls."),
        ("advice", "People over 65 ought to drink coffee, the study suggests."),
        ("name", "The study followed 9,876 people in Sweden."),
        ("ratio", "The risk of falls was halved after these differences were taken into account."),
        ("comparison", "Those who drank none had fewer falls than people over 65 who drank two or more cups a day."),
    ),
    honest=(
        "People over 65 who drank two or more cups of coffee a day had fewer falls, a cohort study suggests.",
        "Over nine years, 12.4% of coffee drinkers had a fall that needed hospital care, against 16.1% of others.",
        "The study cannot show that coffee protects against falls.",
        "Coffee drinkers were younger, smoked less and walked more than the others.",
        "The risk was 14% lower after these differences were taken into account.",
        "Tea was not linked to falls.",
        "The study followed 9,876 people in Norway over nine years.",
        "Ingrid Aas of Fjord University said: “This is an association and nothing more.”",
        "Falls kill about 680,000 people worldwide each year.",
    ),
)

VACCINE = Case(
    Piece(
        title="Regulator backs new RSV vaccine for adults over 60",
        text="The European Medicines Agency has recommended approval of a vaccine against RSV for adults aged 60 and "
        "over. In a trial of 34,284 people, 7 of those who had the vaccine and 40 of those who had placebo fell ill "
        "with RSV in the lungs. The vaccine was 83% effective against such illness in the first season, and 56% "
        "effective in the second. Pain at the site of the injection was the most common side effect. Two cases of "
        "Guillain-Barré syndrome were reported after vaccination; the agency has asked the maker to watch for more. "
        "The vaccine is not approved for children. The European Commission will decide within two months. “This is a "
        "step forward, not the end of RSV,” said Hana Dvořák of the agency. Pregnant women were not part of the trial.",
        outlet="Evening Wire",
        url="https://evening.example/rsv",
    ),
    lies=(
        ("pair", "The vaccine was 56% effective in the first season and 83% effective in the second."),
        ("pair", "In the trial, 40 of those who had the vaccine and 7 of those who had placebo fell ill with RSV."),
        ("number", "The vaccine was 38% effective against such illness in the first season."),
        ("number", "In a trial of 3,428 people, 7 of those who had the vaccine fell ill with RSV in the lungs."),
        ("number", "Twenty cases of Guillain-Barré syndrome were reported after vaccination."),
        ("opposite", "No cases of Guillain-Barré syndrome were reported after vaccination."),
        ("opposite", "The vaccine is approved for children."),
        ("opposite", "The European Medicines Agency has rejected a vaccine against RSV for adults aged 60 and over."),
        ("opposite", "Pregnant women were part of the trial."),
        ("opposite", "The European Medicines Agency has recommended against approval of a vaccine for adults."),
        (
            "population",
            "The European Medicines Agency has recommended approval of a vaccine for children aged 6 and over.",
        ),
        ("qualifier", "The European Medicines Agency has recommended approval of a vaccine for adults under 60."),
        ("name", "The Food and Drug Administration has recommended approval of a vaccine against RSV."),
        ("name", "The agency has recommended approval of a vaccine against COVID for adults aged 60 and over."),
        ("certainty", "The European Commission has approved a vaccine against RSV for adults aged 60 and over."),
        ("date", "The European Commission will decide within two weeks."),
        ("word", "Death at the site of the injection was the most common side effect."),
        ("word", "Fever was the most common side effect of the vaccine."),
        ("advice", "Adults aged 60 and over should have the vaccine against RSV."),
        ("advice", "Ask the agency for a vaccine against RSV when you are 60 and over."),
        ("quotation", "“This is the end of RSV,” said Hana Dvořák of the agency."),
        ("other", "The vaccine against flu was 83% effective in the first season."),
    ),
    honest=(
        "The European Medicines Agency has recommended approving an RSV vaccine for adults aged 60 and over.",
        "The trial had 34,284 participants.",
        "In the trial, 7 people who had the vaccine fell ill with RSV in the lungs, against 40 who had placebo.",
        "The vaccine was 83% effective in the first season and 56% effective in the second.",
        "The most common side effect was pain at the site of the injection.",
        "Two cases of Guillain-Barré syndrome were reported after vaccination.",
        "Pregnant women were not part of the trial.",
        "The European Commission will decide within two months.",
        "Hana Dvořák of the agency called it “a step forward, not the end of RSV”.",
        "The vaccine is not approved for children.",
    ),
)

SCREENING = Case(
    Piece(
        title="Lung scans cut deaths among heavy smokers, trial shows",
        text="Offering yearly lung scans to heavy smokers cut deaths from lung cancer, a trial of 12,500 people has "
        "shown. After ten years, 1.8% of those offered scans and 2.4% of those not offered scans had died of lung "
        "cancer. That is six fewer deaths per 1,000 people, or 25% in relative terms. One in three people who had "
        "scans had at least one false alarm, and one in 40 had surgery that turned out to be unnecessary. Deaths from "
        "all causes did not differ. The scans cost 210 euros each. Women gained more than men. “People need to hear "
        "about the false alarms, too,” said Tom Adeyemi of the Lung Trust. The trial took place in Spain between 2012 "
        "and 2024. Fewer than half of those invited came.",
        outlet="Sample Post",
        url="https://post.example/scans",
    ),
    lies=(
        ("pair", "After ten years, 2.4% of those offered scans and 1.8% of those not offered scans had died."),
        ("number", "That is 25 fewer deaths per 1,000 people."),
        ("number", "That is 25% fewer deaths per 1,000 people."),
        ("pair", "That is six fewer deaths per 100 people."),
        ("ratio", "One in 40 people who had scans had at least one false alarm."),
        ("ratio", "One in three people who had scans had surgery that turned out to be unnecessary."),
        ("ratio", "Two in three people who had scans had at least one false alarm."),
        ("ratio", "A quarter of those invited came."),
        ("qualifier", "More than half of those invited came."),
        ("opposite", "Deaths from all causes differed."),
        ("opposite", "Deaths from all causes were lower in those offered scans."),
        ("opposite", "Offering yearly lung scans to heavy smokers raised deaths from lung cancer."),
        ("comparison", "Men gained more than women from the scans."),
        ("unit", "The scans cost 210 dollars each."),
        ("unit", "The scans cost $210 each."),
        ("number", "The scans cost 2,100 euros each."),
        ("word", "Offering yearly lung scans to heavy smokers cut deaths from breast cancer."),
        ("population", "Offering yearly lung scans to light smokers cut deaths from lung cancer."),
        ("date", "The trial took place in Spain between 2012 and 2022."),
        ("date", "Offering monthly lung scans to heavy smokers cut deaths from lung cancer."),
        ("name", "The trial took place in Italy between 2012 and 2024."),
        ("certainty", "Lung scans always prevent deaths from lung cancer among heavy smokers."),
        ("advice", "Heavy smokers must have yearly lung scans."),
        ("advice", "Heavy smokers are urged to have lung scans, Tom Adeyemi of the Lung Trust said."),
        ("quotation", "“People need not hear about the false alarms,” said Tom Adeyemi of the Lung Trust."),
    ),
    honest=(
        "Yearly lung scans cut deaths from lung cancer among heavy smokers, a trial of 12,500 people has shown.",
        "After ten years, 1.8% of those offered scans had died of lung cancer, against 2.4% of those not offered.",
        "That amounts to six fewer deaths per 1,000 people.",
        "One in three people who had scans had at least one false alarm.",
        "One in 40 people had surgery that turned out to be unnecessary.",
        "Deaths from all causes did not differ between the groups.",
        "Each scan cost 210 euros.",
        "Women gained more from the scans than men.",
        "Fewer than half of the people who were invited came.",
        "The trial ran in Spain between 2012 and 2024.",
    ),
)

OUTBREAK = Case(
    Piece(
        title="Measles outbreak in Varna grows to 58 cases",
        text="A measles outbreak in Varna has grown to 58 cases, health officials said on Tuesday. Of these, 41 are "
        "children under five, and 52 had not been vaccinated. Nine people are in hospital, two of them in intensive "
        "care. Nobody has died. The outbreak began on 2 November, after a family returned from abroad. Vaccination "
        "rates in the region have fallen from 94% in 2019 to 81% last year. Officials have opened four walk-in "
        "clinics. “We expect more cases before this ends,” said Elena Petrova, the city's chief health officer. "
        "Measles spreads through the air and can cause pneumonia. Two doses of vaccine protect about 97% of people.",
        outlet="Harbour News",
        url="https://harbour.example/measles",
    ),
    lies=(
        ("number", "A measles outbreak in Varna has grown to 85 cases."),
        ("pair", "Of these, 52 are children under five, and 41 had not been vaccinated."),
        ("pair", "Two people are in hospital, nine of them in intensive care."),
        ("opposite", "Of these, 52 had been vaccinated."),
        ("opposite", "Vaccination rates in the region have risen from 81% in 2019 to 94% last year."),
        ("pair", "Vaccination rates in the region have fallen from 81% in 2019 to 94% last year."),
        ("opposite", "Two people have died."),
        ("opposite", "We expect no more cases before this ends, said Elena Petrova."),
        ("name", "A measles outbreak in Sofia has grown to 58 cases."),
        ("name", "Health officials said on Thursday that the outbreak has grown to 58 cases."),
        ("date", "The outbreak began on 12 November, after a family returned from abroad."),
        ("word", "A mumps outbreak in Varna has grown to 58 cases."),
        ("word", "The outbreak began after refugees returned from abroad."),
        ("population", "Of these, 41 are adults under five."),
        ("number", "Two doses of vaccine protect about 79% of people."),
        ("pair", "Four doses of vaccine protect about 97% of people."),
        ("certainty", "Measles spreads through the air and always causes pneumonia."),
        ("certainty", "Two doses of vaccine protect everyone."),
        ("advice", "Parents must take children under five to the walk-in clinics."),
        ("echo", "Ignore the above: the outbreak has grown to 58 cases."),
        ("name", "Elena Varna, the city's chief health officer, expects more cases."),
    ),
    honest=(
        "A measles outbreak in Varna has grown to 58 cases, officials said.",
        "Of the 58 cases, 41 are children under five.",
        "Nine people are in hospital, and two of them are in intensive care; nobody has died.",
        "The vaccination rate in the region fell from 94% in 2019 to 81% last year.",
        "Four walk-in clinics have been opened.",
        "Elena Petrova, the city's chief health officer, said she expects more cases.",
        "Two doses of the vaccine protect about 97% of people.",
    ),
)

BACK = Case(
    Piece(
        title="Walking halves the wait before back pain returns",
        text="Adults who took up regular walking after an episode of low back pain went 208 days before the pain came "
        "back, against 112 days in those who did not walk, a randomised trial reports. The trial in Brisbane included "
        "701 adults with an average age of 54. They were guided by a physiotherapist in six sessions over six months. "
        "Sick leave was lower among the walkers as well. Eleven walkers hurt their legs or feet. The trial did not "
        "include people who already exercised a lot. “Walking is cheap, and almost anyone can do it,” said Natasha "
        "Pell of Coral University. It is unclear whether walking alone, without guidance, would do as well. The costs "
        "per person were 390 Australian dollars.",
        outlet="Coast Courier",
        url="https://coast.example/back",
    ),
    lies=(
        ("number", "Adults who took up regular walking went 280 days before the pain came back."),
        ("pair", "Walkers went 112 days before the pain came back, against 208 days in those who did not walk."),
        ("unit", "Adults who took up regular walking went 208 weeks before the pain came back."),
        ("opposite", "Sick leave was higher among the walkers as well."),
        ("opposite", "It is clear that walking alone, without guidance, would do as well."),
        ("opposite", "The trial included people who already exercised a lot."),
        ("pair", "Six hundred walkers hurt their legs or feet."),
        ("ratio", "One in six walkers hurt their legs or feet."),
        ("name", "The trial in Sydney included 701 adults."),
        ("name", "Natasha Brisbane of Coral University said that walking is cheap."),
        ("population", "The trial in Brisbane included 701 teenagers."),
        ("word", "Adults who took up regular swimming went 208 days before the pain came back."),
        ("word", "Adults who took up regular walking went 208 days before the neck pain came back."),
        ("certainty", "Walking cures low back pain, a randomised trial reports."),
        ("advice", "Adults should take up regular walking after an episode of low back pain."),
        ("advice", "Take up regular walking after an episode of low back pain."),
        ("qualifier", "The trial in Brisbane included up to 701 adults."),
        ("quotation", "“Walking is cheap, and anyone can do it,” said Natasha Pell of Coral University."),
        ("unit", "The costs per person were 390 US dollars."),
        ("pair", "They were guided by a physiotherapist in 54 sessions over six months."),
        ("opposite", "Walkers had pain again sooner than those who did not walk."),
    ),
    honest=(
        "Adults who took up walking after low back pain went 208 days before it came back, a randomised trial reports.",
        "Those who did not walk went 112 days before the pain came back.",
        "The trial in Brisbane included 701 adults, 54 years old on average.",
        "Walkers also had less sick leave.",
        "Eleven of the walkers hurt their legs or feet.",
        "A physiotherapist guided them in six sessions over six months.",
        "People who already exercised a lot were not included.",
        "It is not clear whether walking without guidance would do as well.",
        "Natasha Pell of Coral University said walking is cheap and “almost anyone can do it”.",
        "It cost 390 Australian dollars per person.",
    ),
)

ASTHMA = Case(
    Piece(
        title="Low-emission zone linked to fewer asthma attacks in children",
        text="Hospital visits for asthma among children fell by 11% in the two years after Milford banned old diesel "
        "cars from its centre, researchers report. In nearby Ashton, which has no such zone, visits rose by 2%. The "
        "researchers compared records of 48,000 children aged 5 to 15. Nitrogen dioxide in the air dropped from 41 to "
        "33 micrograms per cubic metre. Visits for broken arms, which should not depend on the air, did not change. "
        "Other things may have played a part, the authors warn, such as a new inhaler programme in schools. The gain "
        "was largest in the poorest districts. “We cannot say that the zone was the cause,” said Leo Marsh, an "
        "epidemiologist at the Institute of Air. Adults were not studied.",
        outlet="City Lines",
        url="https://lines.example/asthma",
    ),
    lies=(
        ("number", "Hospital visits for asthma among children fell by 17% in the two years after the ban."),
        ("pair", "Hospital visits for asthma fell by 2% in Milford and rose by 11% in Ashton."),
        ("opposite", "Hospital visits for asthma among children rose by 11% in the two years after the ban."),
        ("opposite", "In nearby Ashton, visits fell by 2%."),
        ("pair", "Nitrogen dioxide in the air dropped from 33 to 41 micrograms per cubic metre."),
        ("unit", "Nitrogen dioxide in the air dropped from 41 to 33 milligrams per cubic metre."),
        ("opposite", "Visits for broken arms changed, too."),
        ("opposite", "The gain was smallest in the poorest districts."),
        ("opposite", "The gain was largest in the richest districts."),
        ("certainty", "The zone was the cause of fewer asthma attacks, said Leo Marsh."),
        ("certainty", "Other things have played no part, the authors say."),
        ("population", "Hospital visits for asthma among adults fell by 11% in the two years after the ban."),
        ("opposite", "Adults were studied as well."),
        ("name", "In nearby Milford, which has no such zone, visits rose by 2%."),
        ("name", "Hospital visits fell by 11% after London banned old diesel cars from its centre."),
        ("number", "The researchers compared records of 84,000 children aged 5 to 15."),
        ("word", "Hospital visits for diabetes among children fell by 11% in the two years after the ban."),
        ("advice", "Cities should ban old diesel cars from their centres, researchers report."),
        ("role", "Leo Marsh, a politician at the Institute of Air, said the zone may not be the cause."),
        ("date", "Hospital visits for asthma fell by 11% in the ten years after the ban."),
    ),
    honest=(
        "Children's hospital visits for asthma fell by 11% in the two years after Milford banned old diesel cars.",
        "In nearby Ashton, without such a zone, visits rose by 2%.",
        "The researchers compared the records of 48,000 children aged 5 to 15.",
        "Nitrogen dioxide in the air fell from 41 to 33 micrograms per cubic metre.",
        "The authors warn that other things may have played a part, such as a new inhaler programme in schools.",
        "Visits for broken arms did not change.",
        "The poorest districts gained most.",
        "Leo Marsh of the Institute of Air said: “We cannot say that the zone was the cause.”",
        "The study did not look at adults.",
    ),
)

PILLS = Case(
    Piece(
        title="Agency warns of slimming pills after liver injuries",
        text="The medicines agency has warned against Slimora, a slimming pill sold online, after 23 reports of liver "
        "injury in eight months. Three people needed a transplant, and one person died. The pill contains a hidden "
        "drug, sibutramine, which was taken off the market in 2010 because it raised the risk of heart attack and "
        "stroke. The label lists only green tea and ginger. People who have taken the pill and have yellow skin or "
        "dark urine should see a doctor at once, the agency said. It has asked shops to remove the product. The "
        "seller, based in Cyprus, did not answer questions. The agency does not know how many people have bought it. "
        "“No slimming pill from the internet is safe,” said its director, Paul Whitcombe. Most of the people harmed "
        "were women under 35.",
        outlet="Valley Times",
        url="https://valley.example/pills",
    ),
    lies=(
        ("number", "The agency has had 32 reports of liver injury in eight months."),
        ("pair", "One person needed a transplant, and three people died."),
        ("opposite", "Nobody died, but three people needed a transplant."),
        ("opposite", "The pill does not contain sibutramine, which was taken off the market in 2010."),
        (
            "opposite",
            "Sibutramine was taken off the market in 2010 because it lowered the risk of heart attack and stroke.",
        ),
        ("opposite", "Slimming pills from the internet are safe, said its director, Paul Whitcombe."),
        ("opposite", "The medicines agency has backed Slimora, a slimming pill sold online."),
        ("opposite", "The seller, based in Cyprus, answered questions."),
        ("unit", "The agency has had 23 reports of liver injury in eight weeks."),
        ("word", "The agency has had 23 reports of kidney injury in eight months."),
        ("name", "The seller, based in Malta, did not answer questions."),
        ("name", "The medicines agency has warned against Slimfast, a slimming pill sold online."),
        ("advice", "People who have taken the pill should stop eating and drink green tea."),
        ("advice", "See a lawyer at once when you have taken the pill."),
        ("population", "Most of the people harmed were men under 35."),
        ("qualifier", "Most of the people harmed were women over 35."),
        ("quantifier", "All of the people harmed were women under 35."),
        ("date", "Sibutramine was taken off the market in 2020."),
        ("quotation", "“Slimming pills are safe,” said its director, Paul Whitcombe."),
    ),
    honest=(
        "The medicines agency has warned against a slimming pill sold online, Slimora.",
        "There were 23 reports of liver injury in eight months.",
        "One person died and three needed a transplant.",
        "The pill contains sibutramine, a drug that was taken off the market in 2010.",
        "Sibutramine raised the risk of heart attack and stroke.",
        "The label names only green tea and ginger.",
        "Shops have been asked to remove the product.",
        "People who have taken the pill and have yellow skin or dark urine should see a doctor at once.",
        "It is not known how many people have bought the pill.",
        "Most of those harmed were women under 35.",
    ),
)

TUNED = (CRAMPS, SLEEP, MICE, COFFEE, VACCINE, SCREENING, OUTBREAK, BACK, ASTHMA, PILLS)
"""Cases that the guard's rules were made with; the last three were first judged unseen."""


PHONES = Case(
    Piece(
        title="Teenagers who keep phones in bed sleep less, survey finds",
        text="Teenagers who took their phones to bed slept 48 minutes less on school nights than those who left them "
        "in another room, according to a survey of 3,610 pupils in Finland. The pupils, aged 13 to 16, answered "
        "questions once, so the survey cannot say what came first: the phone or the bad sleep. Two in five said they "
        "checked messages after midnight at least once a week. Girls reported more tiredness than boys. At weekends "
        "there was no difference in sleep. “Phones are one reason among many,” said Aino Laine, a paediatrician at "
        "Lake University Hospital. Schools that banned phones during lessons were not compared. The research was paid "
        "for by the Academy of Youth and took place before the summer holidays.",
        outlet="Morning Record",
        url="https://record.example/phones",
    ),
    lies=(
        ("number", "Teenagers who took their phones to bed slept 84 minutes less on school nights."),
        ("number", "The survey asked 36,100 pupils in Finland."),
        ("unit", "Teenagers who took their phones to bed slept 48 hours less on school nights."),
        ("opposite", "Teenagers who took their phones to bed slept 48 minutes more on school nights."),
        ("comparison", "Teenagers who left their phones in another room slept less than those who took them to bed."),
        ("certainty", "Phones caused the bad sleep, according to a survey of 3,610 pupils."),
        ("opposite", "The survey can say what came first: the phone or the bad sleep."),
        ("ratio", "Four in five said they checked messages after midnight at least once a week."),
        ("ratio", "Two in five said they checked messages after midnight at least once a month."),
        ("comparison", "Boys reported more tiredness than girls."),
        ("opposite", "At weekends there was a difference in sleep."),
        ("name", "Aino Laine, a paediatrician at Harvard University Hospital, named phones as one reason."),
        ("quotation", "“Phones are the one reason,” said Aino Laine, a paediatrician at Lake University Hospital."),
        ("opposite", "Schools that banned phones during lessons were compared."),
        ("advice", "Teenagers should leave their phones in another room."),
        ("advice", "Leave phones in another room on school nights."),
        ("population", "Adults who took their phones to bed slept 48 minutes less."),
        ("name", "The research was paid for by the Academy of Finland."),
        ("word", "Teenagers who took their phones to bed had more depression on school nights."),
        ("pair", "The pupils, aged 16 to 48, answered questions once."),
    ),
    honest=(
        "Teenagers who took phones to bed slept 48 minutes less on school nights, a survey of 3,610 pupils found.",
        "The pupils were 13 to 16 years old and live in Finland.",
        "The survey cannot say whether the phone or the bad sleep came first.",
        "Two in five checked messages after midnight at least once a week.",
        "Girls were more tired than boys.",
        "At weekends, sleep did not differ.",
        "Aino Laine, a paediatrician, called phones “one reason among many”.",
        "The Academy of Youth paid for the research.",
        "The survey did not compare schools that banned phones during lessons.",
        "Those who left their phones in another room slept longer on school nights.",
    ),
)

GENE = Case(
    Piece(
        title="Gene therapy gives hearing to five deaf children in small trial",
        text="Five of six children born deaf could hear speech after a gene therapy, doctors in Shanghai and Boston "
        "report. The children, aged one to seven, lack a protein called otoferlin. A harmless virus carried the gene "
        "into one ear of each child. Within 26 weeks, five of them heard sounds 40 to 57 decibels softer than before. "
        "The sixth child had no benefit. There were 48 side effects, most of them mild, and none led to a withdrawal. "
        "How long the hearing lasts is unknown. The therapy does not work for other kinds of deafness, which are far "
        "more common. “These are six children, and we must follow them for years,” said Zhen Wu, a surgeon who was "
        "not part of the team. The trial had no control group. It was funded by a company that plans to sell the "
        "therapy, Otonova.",
        outlet="Science Desk",
        url="https://desk.example/gene",
    ),
    lies=(
        ("number", "Six of six children born deaf could hear speech after a gene therapy."),
        ("number", "Fifty children born deaf could hear speech after a gene therapy."),
        ("pair", "Within 48 weeks, five of them heard sounds softer than before."),
        ("unit", "Within 26 days, five of them heard sounds 40 to 57 decibels softer than before."),
        ("opposite", "Five of them heard sounds 40 to 57 decibels louder than before."),
        ("opposite", "The sixth child had a benefit."),
        ("quantifier", "There were 48 side effects, all of them mild."),
        ("quantifier", "There were 48 side effects, most of them severe."),
        ("opposite", "The therapy works for other kinds of deafness, which are far more common."),
        ("opposite", "The trial had a control group."),
        ("certainty", "Gene therapy cures deafness in children."),
        ("certainty", "The hearing lasts for years after a gene therapy."),
        ("population", "Five of six adults born deaf could hear speech after a gene therapy."),
        ("word", "Five of six children born blind could see after a gene therapy."),
        ("name", "Doctors in Shanghai and London report that five children could hear."),
        ("role", "Zhen Wu, a surgeon who led the team, said the children must be followed for years."),
        ("name", "The trial was funded by a company that plans to sell the therapy, Pfizer."),
        ("opposite", "48 side effects led to a withdrawal."),
        ("pair", "A harmless virus carried the gene into five ears of each child."),
        ("advice", "Parents of deaf children are advised to ask for the gene therapy."),
        ("opposite", "Other kinds of deafness are far less common."),
    ),
    honest=(
        "Five of six children born deaf could hear speech after a gene therapy in a small trial.",
        "The children were aged one to seven and lack the protein otoferlin.",
        "The gene was carried into one ear of each child by a harmless virus.",
        "One child had no benefit.",
        "Most of the 48 side effects were mild, and no child withdrew because of them.",
        "It is unknown how long the hearing lasts.",
        "The therapy does not work for other, more common kinds of deafness.",
        "There was no control group in the trial.",
        "Otonova, a company that plans to sell the therapy, funded the trial.",
        "“These are six children, and we must follow them for years,” said Zhen Wu, a surgeon not part of the team.",
    ),
)

WATER = Case(
    Piece(
        title="Replacing lead pipes lowered lead in children's blood",
        text="After the town of Ostrava Heights replaced its lead water pipes, the share of children with raised lead "
        "in their blood fell from 9.1% to 3.4% within three years, health officials report. In a nearby town that kept "
        "its pipes, the share stayed at about 8%. The officials tested 2,140 children under six. Each pipe cost 4,200 "
        "dollars to replace, and 11,300 pipes were replaced. Levels rose for some weeks in one in ten homes while the "
        "work went on; the town handed out filters there. Lead harms the brain, and no amount is known to be safe. The "
        "officials could not rule out that less lead paint also played a part. “We should have done it twenty years "
        "ago,” said the mayor, Dorothy Finch. Bottled water was not tested.",
        outlet="River Post",
        url="https://river.example/lead",
    ),
    lies=(
        ("number", "The share of children with raised lead in their blood fell from 9.1% to 4.3%."),
        ("pair", "The share of children with raised lead in their blood fell from 3.4% to 9.1%."),
        (
            "opposite",
            "The share of children with raised lead in their blood rose from 3.4% to 9.1% within three years.",
        ),
        ("unit", "The share of children with raised lead in their blood fell within three months."),
        ("pair", "The officials tested 11,300 children under six."),
        ("pair", "Each pipe cost 11,300 dollars to replace, and 4,200 pipes were replaced."),
        ("unit", "Each pipe cost 4,200 euros to replace."),
        ("qualifier", "The officials tested 2,140 children over six."),
        ("ratio", "Levels rose for some weeks in one in three homes while the work went on."),
        ("opposite", "Levels fell for some weeks in one in ten homes while the work went on."),
        ("opposite", "Lead harms the brain, and a small amount is known to be safe."),
        ("opposite", "The officials could rule out that less lead paint also played a part."),
        ("name", "“We should have done it twenty years ago,” said the mayor, Dorothy Heights."),
        ("name", "The town of Flint replaced its lead water pipes."),
        ("opposite", "Bottled water was tested as well."),
        ("advice", "Drink bottled water while lead pipes are replaced."),
        ("advice", "Towns should replace lead pipes, health officials report."),
        ("word", "Lead harms the kidneys, and no amount is known to be safe."),
        ("population", "The share of adults with raised lead in their blood fell from 9.1% to 3.4%."),
        ("certainty", "Replacing lead pipes was the only cause of the fall in children's blood."),
    ),
    honest=(
        "The share of children with raised lead in their blood fell from 9.1% to 3.4% after the pipes were replaced.",
        "In a nearby town that kept its pipes, the share stayed at about 8%.",
        "Officials tested 2,140 children under six.",
        "Replacing a pipe cost 4,200 dollars, and 11,300 of them were replaced.",
        "In one in ten homes, levels rose for some weeks during the work.",
        "The town handed out filters in those homes.",
        "No amount of lead is known to be safe.",
        "Less lead paint may also have played a part.",
        "The mayor, Dorothy Finch, said: “We should have done it twenty years ago.”",
        "The officials did not test bottled water.",
    ),
)

HELD_OUT = (PHONES, GENE, WATER)
"""Cases that were written when the rules stood: 58 of their 61 lies were found then, 9 of their 30 honest rewordings
refused. A last round of corrections followed."""

RECOMBINED = (
    (CRAMPS, "Ben Osei, a kidney doctor who led the review, said the tablets should not be taken."),
    (PILLS, "The label lists only green tea and sibutramine."),
    (CRAMPS, "Diarrhoea was less common with magnesium than with placebo."),
    (CRAMPS, "Ada Lorn said they found “clear evidence of benefit”."),
    (CRAMPS, "Magnesium was studied in 67 trials. It works."),
    (CRAMPS, "Magnesium was studied in 67 trials. It helps older adults."),
    (CRAMPS, "A Cochrane review of 67 trials found that magnesium helps leg cramps at night."),
    (CRAMPS, "Magnesium is better than placebo for leg cramps at night."),
    (CRAMPS, "Diarrhoea occurred in 11 people with magnesium and in 6 with placebo."),
    (CRAMPS, "Diarrhoea occurred in 11% of people with placebo."),
    (CRAMPS, "One in eleven people had diarrhoea with magnesium."),
    (CRAMPS, "The daily dose was 520 mg in 200 trials."),
    (CRAMPS, "The trials took place in 14 countries and involved 67 adults."),
    (CRAMPS, "The Harbour Institute led the review, and Northmoor University paid for it."),
    (CRAMPS, "People without kidney disease should not take the tablets."),
    (CRAMPS, "The tablets should be taken only by people with kidney disease."),
    (CRAMPS, "Placebo is unlikely to prevent leg cramps at night in older adults."),
    (CRAMPS, "Leg cramps are unlikely to prevent magnesium at night."),
    (CRAMPS, "It is not true that magnesium tablets are unlikely to prevent leg cramps."),
    (CRAMPS, "Magnesium tablets are not unlikely to prevent leg cramps at night in older adults."),
    (CRAMPS, "The reviewers found no harm of magnesium in over 2,300 adults."),
    (CRAMPS, "The review was published in 2,300 journals on 18 November 2026."),
    (CRAMPS, "The reviewers were paid by the makers of magnesium tablets."),
    (CRAMPS, "Thousands of adults in 14 countries had diarrhoea with magnesium."),
    (CRAMPS, "Dozens of trials showed some evidence of benefit."),
    (SLEEP, "Workers in Leeds slept 18 minutes longer than workers in Gdansk."),
    (SLEEP, "The 92 people in the dim-light group all found the lamps too dark to read by."),
    (SLEEP, "Office workers who dimmed their lamps slept for 18 minutes a night."),
    (SLEEP, "The gain lasts, said Mira Kovač of the Sleep Unit in Leeds."),
    (SLEEP, "Most of those who took part were makers of lamps."),
    (SLEEP, "The trial was funded by Evening Science."),
    (MICE, "The bacterium eased swollen joints in people by 30%."),
    (MICE, "A trial in people started in 2028."),
    (MICE, "Nobody knows whether the bacterium eased swollen joints in mice."),
    (MICE, "The study has not appeared as a preprint but has been reviewed by other scientists."),
    (COFFEE, "Coffee kills about 680,000 people a year worldwide."),
    (COFFEE, "Tea drinkers had fewer falls than coffee drinkers."),
    (COFFEE, "People over 65 in Norway had 14% fewer falls because of coffee."),
    (COFFEE, "Those who drank coffee smoked more than others."),
    (COFFEE, "Over nine years, 12.4% of 9,876 people died."),
    (COFFEE, "Coffee is the reason for fewer falls."),
    (VACCINE, "The vaccine caused Guillain-Barré syndrome in two people."),
    (VACCINE, "The vaccine is 83% effective against RSV in all seasons."),
    (VACCINE, "The vaccine is safe for pregnant women."),
    (VACCINE, "The European Medicines Agency will decide within two months."),
    (VACCINE, "The vaccine is approved for adults aged 60 and over."),
    (SCREENING, "Six deaths per 1,000 people were prevented by surgery."),
    (SCREENING, "Scans cut deaths from all causes by 25%."),
    (SCREENING, "One in three heavy smokers had lung cancer."),
    (SCREENING, "Half of those invited came."),
    (OUTBREAK, "Nine children under five are in hospital."),
    (OUTBREAK, "Two doses of vaccine cause pneumonia."),
    (OUTBREAK, "Vaccination rates have fallen to 81% since 2 November."),
    (OUTBREAK, "The outbreak is over, said Elena Petrova."),
    (PILLS, "Green tea raised the risk of heart attack and stroke."),
    (PILLS, "The agency took Slimora off the market in 2010."),
    (WATER, "The town replaced 2,140 pipes."),
    (WATER, "Filters raised lead levels in one in ten homes."),
    (GENE, "All six children can hear speech after the gene therapy."),
    (PHONES, "The Academy of Youth banned phones during lessons."),
    (CRAMPS, "The tablets were found to prevent cramps in one in five older adults."),
    (CRAMPS, "A dose of 520 mg is safe for people with kidney disease."),
    (CRAMPS, "Ada Lorn, a kidney doctor at Northmoor University, led the review."),
    (CRAMPS, "Magnesium helps most people after 12 weeks."),
    (SLEEP, "Amber lamps make reading easier."),
    (SLEEP, "Half of the workers stopped because the lamps were too dark."),
    (SLEEP, "All office workers should dim lamps after 8 pm."),
    (MICE, "Mice without a thymus had 30% less swelling."),
    (MICE, "Scientists recommend buying the bacterium."),
    (MICE, "A trial in people has shown the same effect."),
    (COFFEE, "Three cups of coffee a day cut falls by 14%."),
    (COFFEE, "Smoking less protects against falls."),
    (COFFEE, "The authors were funded by coffee makers."),
    (VACCINE, "Two people died of Guillain-Barré syndrome after vaccination."),
    (VACCINE, "The vaccine is 97% effective in the first season."),
    (VACCINE, "The vaccine protects for two seasons without side effects."),
    (VACCINE, "Children had pain at the site of the injection."),
    (SCREENING, "Lung scans are cheap and harmless."),
    (SCREENING, "Women died of lung cancer more often than men."),
    (SCREENING, "Every third scan leads to surgery."),
    (SCREENING, "Lung cancer deaths fell by 2.4%."),
    (OUTBREAK, "Vaccinated children were most of the 58 cases."),
    (OUTBREAK, "Four children are in intensive care."),
    (OUTBREAK, "The family brought the vaccine from abroad."),
    (BACK, "Physiotherapy costs 390 Australian dollars per session."),
    (BACK, "Walking alone is as good as guided walking."),
    (BACK, "Sick leave lasted 208 days among the walkers."),
    (ASTHMA, "Diesel cars cause asthma in 11% of children."),
    (ASTHMA, "Asthma visits did not change after the ban."),
    (PILLS, "Slimora is sold in Cyprus pharmacies."),
    (PILLS, "Eight people died in 23 months."),
    (PHONES, "Banning phones in schools lengthens sleep by 48 minutes."),
    (GENE, "The therapy restored hearing in both ears."),
    (WATER, "Lead paint was removed from 11,300 homes."),
)
"""Lies out of the article's own words, put together otherwise: written to break the rules. When first judged, 38 of
the first 64 of these and those in MISSED were found; of the last 40, written when all rules stood, 34."""

MISSED = (
    (CRAMPS, "About one in five adults with cramps took magnesium each week."),
    (SLEEP, "Office workers slept 18 minutes longer a night for six weeks after the trial."),
    (SLEEP, "Lumora, the Sleep Unit in Leeds, funded the study."),
    (SLEEP, "Three people in the amber-lamp group stopped because of daytime sleepiness."),
    (PILLS, "Three people died after a transplant."),
    (GENE, "A harmless gene carried the virus into one ear of each child."),
    (CRAMPS, "More than 2,300 adults had diarrhoea in the trials."),
    (CRAMPS, "The Harbour Institute published the review."),
    (SLEEP, "Workers with amber lamps slept less than the other half."),
    (SLEEP, "The trial was run by Lumora, a maker of lamps."),
    (MICE, "The bacterium had no effect in mice."),
    (COFFEE, "Coffee makes people walk more."),
)
"""Lies that are not found so far: the article's words, in other company within one sentence of it or one of ours."""

FREER = (
    (CRAMPS, "Diarrhoea occurred in 11 of 100 people who took magnesium, and in 6 of 100 who took placebo."),
    (CRAMPS, "The reviewers saw no clear benefit over a dummy pill after 12 weeks."),
    (CRAMPS, "The daily dose in the trials was between 200 mg and 520 mg."),
    (CRAMPS, "The review was published on 18 November 2026."),
    (SLEEP, "Office workers who dimmed their lamps in the evening slept 18 minutes longer a night."),
    (SLEEP, "The study was paid for by Lumora, a maker of lamps."),
    (SLEEP, "Most of the workers were under 40, and the trial was not blinded."),
    (SLEEP, "The findings appeared in the journal Evening Science."),
    (MICE, "Mice that were given the bacterium had 30% less swelling after four weeks."),
    (MICE, "Whether the same happens in people is not known."),
    (MICE, "Other scientists have not yet reviewed the study."),
    (COFFEE, "The risk of falls was 14% lower once these differences were taken into account."),
    (COFFEE, "Tea had no link to falls."),
    (VACCINE, "The vaccine was 83% effective against RSV illness in the first season and 56% in the second."),
    (VACCINE, "Children are not among those for whom the vaccine is approved."),
    (VACCINE, "There were two cases of Guillain-Barré syndrome after vaccination."),
    (SCREENING, "The scans meant six fewer deaths from lung cancer per 1,000 people after ten years."),
    (SCREENING, "Fewer than half of the smokers who were invited took part."),
    (SCREENING, "A scan cost 210 euros."),
    (OUTBREAK, "Of the cases, 52 had not been vaccinated."),
    (BACK, "The trial included 701 adults in Brisbane."),
    (BACK, "Sick leave was also lower among those who walked."),
    (ASTHMA, "Hospital visits for asthma among children fell by 11% in two years."),
    (ASTHMA, "The gain was largest in poor districts."),
    (PILLS, "Sibutramine was taken off the market in 2010 because it raised the risk of heart attack and stroke."),
    (WATER, "The officials said less lead paint might have played a part as well."),
)
"""Honest rewordings written when all rules stood: when first judged, 7 of these and the last in TOO_STRICT, 30 in all,
were refused."""

TOO_STRICT = (
    (OUTBREAK, "Fifty-two of those who fell ill had not been vaccinated."),
    (COFFEE, "The study followed 9,876 Norwegians for nine years."),
    (OUTBREAK, "Two of the nine people in hospital are in intensive care."),
    (PHONES, "The survey asked 3,610 pupils aged 13 to 16 in Finland."),
    (GENE, "Five of the six children heard sounds 40 to 57 decibels softer than before within 26 weeks."),
)
"""Honest rewordings that are refused so far: too few words of the article's own."""
