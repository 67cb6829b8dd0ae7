namespace Streams.Processors.Captioning.Prompting;

/// <summary>Numbers in words, as the video prompt of SmolVLM says how many frames there are.</summary>
internal static class EnglishNumbers
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary><paramref name="number"/> in words, from 0 to 999; larger ones in digits.</summary>
    public static string Say(int number) => number switch
    {
        < 0 or > 999 => $"{number}",
        < 20 => Small[number],
        < 100 => Tens[number / 10] + (number % 10 == 0 ? string.Empty : $"-{Small[number % 10]}"),
        _ => $"{Small[number / 100]} hundred" + (number % 100 == 0 ? string.Empty : $" and {Say(number % 100)}"),
    };
}
