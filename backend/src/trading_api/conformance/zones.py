"""The time zones charts accept (contract 1.11)."""

_NAMES = {
    "Africa": "Cairo Casablanca Johannesburg Lagos Nairobi Tunis",
    "America": "Anchorage Argentina/Buenos_Aires Bogota Caracas Chicago El_Salvador Juneau Lima Los_Angeles Mexico_City "
    "New_York Phoenix Santiago Sao_Paulo Toronto Vancouver",
    "Asia": "Almaty Ashkhabad Bahrain Bangkok Chongqing Colombo Dhaka Dubai Ho_Chi_Minh Hong_Kong Jakarta Jerusalem "
    "Karachi Kathmandu Kolkata Kuala_Lumpur Kuwait Manila Muscat Nicosia Qatar Riyadh Seoul Shanghai Singapore Taipei "
    "Tehran Tokyo Yangon",
    "Atlantic": "Azores Reykjavik",
    "Australia": "Adelaide Brisbane Perth Sydney",
    "Europe": "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki "
    "Istanbul Lisbon London Luxembourg Madrid Malta Moscow Oslo Paris Prague Riga Rome Stockholm Tallinn Vienna Vilnius "
    "Warsaw Zurich",
    "Pacific": "Auckland Chatham Fakaofo Honolulu Norfolk",
    "US": "Mountain",
}
ZONES = frozenset({"Etc/UTC"} | {f"{region}/{name}" for region, names in _NAMES.items() for name in names.split()})
