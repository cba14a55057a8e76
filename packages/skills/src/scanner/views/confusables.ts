/**
 * Letters of other scripts that look like ASCII letters, one UTF-16 unit each. A selection from Unicode's confusables
 * (https://www.unicode.org/Public/security/latest/confusables.txt): Cyrillic, Greek, Armenian, Cherokee and small capitals.
 */
const PAIRS =
  "аaсcеeоoрpхxуyіiјjѕsһhԁdԛqԝwвBмMнHкkтtАAВBСCЕEНHІIЈJКKМMОOРPЅSТTХXУYѴVԌGԜWαaοoρpνvιiκkτtυuγyηnΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXցgհhոnսuօoզqԱUՏSᎪAᏴBᏟCᎠDᎬEᎻHᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᏃZᴄcᴏoᴜuᴠvᴡwᴢzɑaɡgɩiʏyʜhʟlɴnʀrʙbꜱsᴅdᴇeᴊjᴋkᴍmᴘpᴛtⅼlⅰiⅴvⅽcⅾdⅿmӏlԍGпn";

export const confusables: ReadonlyMap<string, string> = new Map(
  Array.from({ length: PAIRS.length / 2 }, (_, index) => [
    PAIRS.charAt(2 * index),
    PAIRS.charAt(2 * index + 1),
  ]),
);
